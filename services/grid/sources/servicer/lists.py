"""Lists of sources over gRPC: messages in and out, nothing else."""

import grpc

from services.grid.sources.domain.lists import ListNotFound
from services.grid.sources.messages import ledger as messages
from services.grid.sources.usecases import lists as source_lists
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_day, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rows import outcome_message
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import source_lists_pb2


class ListServicer(Servicer):
    """Lists that departments supply, and how far they were verified."""

    def CreateSourceList(
        self, request: source_lists_pb2.CreateSourceListRequest, context: grpc.ServicerContext
    ) -> source_lists_pb2.CreateSourceListResponse:
        """Record a list."""
        received_on = optional_day(request.received_on)

        def act(tx: Transaction) -> source_lists_pb2.CreateSourceListResponse:
            made = source_lists.create_list(
                tx,
                new_id(),
                department_id=request.department_id,
                title=request.title,
                received_on=received_on,
                now=self._clock(),
            )
            return source_lists_pb2.CreateSourceListResponse(list=messages.write_list(made))

        return once(self._unit_of_work, request, source_lists_pb2.CreateSourceListResponse, act)

    def ListSourceLists(
        self, request: source_lists_pb2.ListSourceListsRequest, context: grpc.ServicerContext
    ) -> source_lists_pb2.ListSourceListsResponse:
        """List the lists."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = source_lists.list_lists(tx, request.department_id, asked)
        return source_lists_pb2.ListSourceListsResponse(
            lists=[messages.write_list(each) for each in page.items],
            next_page_token=page.next_page_token,
        )

    def ImportSources(
        self, request: source_lists_pb2.ImportSourcesRequest, context: grpc.ServicerContext
    ) -> source_lists_pb2.ImportSourcesResponse:
        """Take a list's rows."""
        list_id = uuid_or(request.list_id, ListNotFound(list_id=request.list_id))
        rows = [(row.number, dict(row.cells)) for row in request.rows]

        def act(tx: Transaction) -> source_lists_pb2.ImportSourcesResponse:
            outcome = source_lists.import_sources(
                tx, list_id, rows, dry_run=request.dry_run, now=self._clock(), new_id=new_id
            )
            return source_lists_pb2.ImportSourcesResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        if request.dry_run:  # has no effect to keep, and must count anew each time
            with self._unit_of_work(call.current()) as tx:
                return act(tx)
        return once(self._unit_of_work, request, source_lists_pb2.ImportSourcesResponse, act)

    def GetSourceListProgress(
        self, request: source_lists_pb2.GetSourceListProgressRequest, context: grpc.ServicerContext
    ) -> source_lists_pb2.GetSourceListProgressResponse:
        """Return how far a list was verified."""
        list_id = uuid_or(request.list_id, ListNotFound(list_id=request.list_id))
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            found = source_lists.progress(tx, list_id, grid_id)
        return source_lists_pb2.GetSourceListProgressResponse(
            verified=sum(share.verified for share in found),
            unverified=sum(share.unverified for share in found),
            shares=[
                source_lists_pb2.SourceListShare(
                    grid_id=str(share.grid_id),
                    grid_path=share.path,
                    grid_name=share.grid_name,
                    own=share.own,
                    verified=share.verified,
                    unverified=share.unverified,
                )
                for share in found
            ],
        )
