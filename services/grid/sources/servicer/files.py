"""Files of pollution sources over gRPC: messages to domain objects and back."""

from typing import Any

import grpc

from services.grid.sources.domain.files import (
    FileContent,
    FileEntry,
    FileEntryNotFound,
    SourceEvent,
)
from services.grid.sources.messages import ledger as messages
from services.grid.sources.messages.objects import write_object
from services.grid.sources.servicer.ledger import (
    source_id_of,
)
from services.grid.sources.servicer.objects import given_of
from services.grid.sources.usecases import files as source_files
from services.grid.sources.usecases.files import SourceFile
from services.grid.sources.usecases.settings import settings_of
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_day, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import source_files_pb2

ENTRY_TEXTS = ("part", "title", "reference", "detail", "pollutant", "unit")

write_entry = writer(
    source_files_pb2.SourceFileEntry,
    FileEntry,
    parts=("content",),
    names={"pollution_source_id": "source_id"},
)


write_event = writer(
    source_files_pb2.SourceEvent,
    SourceEvent,
    names={"pollution_source_id": "source_id", "event_time": "at"},
)


class FileServicer(Servicer):
    """Files of sources, and what lies around them."""

    def GetSourceFile(
        self, request: source_files_pb2.GetSourceFileRequest, context: grpc.ServicerContext
    ) -> source_files_pb2.GetSourceFileResponse:
        """Return a source's file."""
        now = self._clock()
        with self._unit_of_work(call.current()) as tx:
            found = source_files.get_file(tx, source_id_of(request), now)
            source = messages.source_message(found.view, settings_of(tx, now))
        return source_files_pb2.GetSourceFileResponse(file=_file(found, source))

    def AddSourceFileEntry(
        self, request: source_files_pb2.AddSourceFileEntryRequest, context: grpc.ServicerContext
    ) -> source_files_pb2.AddSourceFileEntryResponse:
        """Put an entry into a file."""
        content = FileContent(
            dated_on=optional_day(request.dated_on),
            treated=messages.flag(request, "treated"),
            amount=messages.flag(request, "amount"),
            **{name: getattr(request, name) for name in ENTRY_TEXTS},
        )

        def act(tx: Transaction) -> source_files_pb2.AddSourceFileEntryResponse:
            entry = source_files.add_entry(
                tx, source_id_of(request), new_id(), content, self._clock()
            )
            return source_files_pb2.AddSourceFileEntryResponse(entry=write_entry(entry))

        return once(self._unit_of_work, request, source_files_pb2.AddSourceFileEntryResponse, act)

    def UpdateSourceFileEntry(
        self, request: source_files_pb2.UpdateSourceFileEntryRequest, context: grpc.ServicerContext
    ) -> source_files_pb2.UpdateSourceFileEntryResponse:
        """Change what is given."""
        entry_id = uuid_or(request.entry_id, FileEntryNotFound(entry_id=request.entry_id))
        given = given_of(request, (*ENTRY_TEXTS, "treated", "amount"))
        if request.HasField("dated_on"):
            given["dated_on"] = optional_day(request.dated_on)

        def act(tx: Transaction) -> source_files_pb2.UpdateSourceFileEntryResponse:
            entry = source_files.update_entry(
                tx, entry_id, request.expected_version, given, self._clock()
            )
            return source_files_pb2.UpdateSourceFileEntryResponse(entry=write_entry(entry))

        return once(
            self._unit_of_work, request, source_files_pb2.UpdateSourceFileEntryResponse, act
        )

    def ListIncompleteSourceFiles(
        self,
        request: source_files_pb2.ListIncompleteSourceFilesRequest,
        context: grpc.ServicerContext,
    ) -> source_files_pb2.ListIncompleteSourceFilesResponse:
        """List sources whose file lacks required parts."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        now = self._clock()
        with self._unit_of_work(call.current()) as tx:
            page = source_files.list_incomplete(tx, grid_id, asked, now)
            settings = settings_of(tx, now)
        return source_files_pb2.ListIncompleteSourceFilesResponse(
            files=[
                source_files_pb2.IncompleteSourceFile(
                    source=messages.source_message(view, settings), missing=missing
                )
                for view, missing in page.items
            ],
            next_page_token=page.next_page_token,
        )

    def ListSourceEvents(
        self, request: source_files_pb2.ListSourceEventsRequest, context: grpc.ServicerContext
    ) -> source_files_pb2.ListSourceEventsResponse:
        """List what happened, newest first."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        source_id = source_id_of(request) if request.pollution_source_id else None
        with self._unit_of_work(call.current()) as tx:
            page = source_files.list_events(tx, grid_id, source_id, asked)
        return source_files_pb2.ListSourceEventsResponse(
            events=[write_event(event) for event in page.items],
            next_page_token=page.next_page_token,
        )


def _file(found: SourceFile, source: Any) -> source_files_pb2.SourceFile:
    return source_files_pb2.SourceFile(
        source=source,
        parts=[
            source_files_pb2.SourceFilePartState(
                id=each.part.id,
                name=each.part.name,
                required=each.part.required,
                present=each.present,
            )
            for each in found.parts
        ],
        missing=found.missing,
        entries=[write_entry(entry) for entry in found.entries],
        events=[write_event(event) for event in found.events],
        objects=[write_object(view) for view in found.objects],
    )
