"""The ledger of pollution sources over gRPC: messages to domain objects and back."""

from typing import Any
from uuid import UUID

import grpc

from services.grid.sources.domain.ledger import (
    SourceNotFound,
    SourceView,
)
from services.grid.sources.messages import ledger as messages
from services.grid.sources.usecases import ledger as sources
from services.grid.sources.usecases.ledger import Change, NewSource
from services.grid.sources.usecases.settings import settings_of
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import sources_pb2


class LedgerServicer(Servicer):
    """The ledger of pollution sources."""

    def CreateSource(
        self, request: sources_pb2.CreateSourceRequest, context: grpc.ServicerContext
    ) -> sources_pb2.CreateSourceResponse:
        """Enter a source."""
        new = _new_source(request)

        def act(tx: Transaction) -> sources_pb2.CreateSourceResponse:
            view = sources.create_source(tx, new, self._clock())
            return sources_pb2.CreateSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, sources_pb2.CreateSourceResponse, act)

    def UpdateSource(
        self, request: sources_pb2.UpdateSourceRequest, context: grpc.ServicerContext
    ) -> sources_pb2.UpdateSourceResponse:
        """Change what is given."""
        given = messages.read_changes(request)

        def act(tx: Transaction) -> sources_pb2.UpdateSourceResponse:
            view = sources.update_source(tx, self._change(request), given)
            return sources_pb2.UpdateSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, sources_pb2.UpdateSourceResponse, act)

    def GetSource(
        self, request: sources_pb2.GetSourceRequest, context: grpc.ServicerContext
    ) -> sources_pb2.GetSourceResponse:
        """Return one source."""
        with self._unit_of_work(call.current()) as tx:
            view = sources.get_source(tx, source_id_of(request))
            return sources_pb2.GetSourceResponse(source=self._shown(tx, view))

    def ListSources(
        self, request: sources_pb2.ListSourcesRequest, context: grpc.ServicerContext
    ) -> sources_pb2.ListSourcesResponse:
        """List sources by grid."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        filters = messages.read_filters(request)
        with self._unit_of_work(call.current()) as tx:
            page = sources.list_sources(tx, grid_id, filters, asked)
            settings = settings_of(tx, self._clock())
        return sources_pb2.ListSourcesResponse(
            sources=[messages.source_message(view, settings) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def VerifySource(
        self, request: sources_pb2.VerifySourceRequest, context: grpc.ServicerContext
    ) -> sources_pb2.VerifySourceResponse:
        """Record the result of a verification on site."""
        result = messages.VERIFICATION_OF.get(request.result)

        def act(tx: Transaction) -> sources_pb2.VerifySourceResponse:
            view = sources.verify_source(tx, self._change(request), result, request.note)
            return sources_pb2.VerifySourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, sources_pb2.VerifySourceResponse, act)

    def GradeSource(
        self, request: sources_pb2.GradeSourceRequest, context: grpc.ServicerContext
    ) -> sources_pb2.GradeSourceResponse:
        """Give a grade."""

        def act(tx: Transaction) -> sources_pb2.GradeSourceResponse:
            view = sources.grade_source(
                tx,
                self._change(request),
                request.grade,
                key_object=request.key_object,
                reason=request.reason,
            )
            return sources_pb2.GradeSourceResponse(source=self._shown(tx, view))

        return once(self._unit_of_work, request, sources_pb2.GradeSourceResponse, act)

    def GetSourceHistory(
        self, request: sources_pb2.GetSourceHistoryRequest, context: grpc.ServicerContext
    ) -> sources_pb2.GetSourceHistoryResponse:
        """Return a source's verifications and grades, and the lists that name it."""
        with self._unit_of_work(call.current()) as tx:
            history = sources.get_history(tx, source_id_of(request), self._clock())
        return sources_pb2.GetSourceHistoryResponse(
            looks=[messages.write_inspection(inspection) for inspection in history.inspections],
            gradings=[messages.write_grading(grading) for grading in history.gradings],
            origins=[messages.origin_message(*origin) for origin in history.origins],
        )

    def _change(self, request: Any) -> Change:
        return Change(source_id_of(request), request.expected_version, self._clock())

    def _shown(self, tx: Transaction, view: SourceView) -> sources_pb2.Source:
        return messages.source_message(view, settings_of(tx, self._clock()))


def source_id_of(request: Any) -> UUID:
    """Return the id of the source that a request names. Raises SourceNotFound if it is not an id."""
    return uuid_or(
        request.pollution_source_id, SourceNotFound(source_id=request.pollution_source_id)
    )


def _new_source(request: sources_pb2.CreateSourceRequest) -> NewSource:
    return NewSource(
        source_id=new_id(),
        profile=messages.read_profile(request),
        grade=request.grade,
        key_object=request.key_object,
        off_list=request.off_list,
    )
