"""Files of pollution sources over gRPC: messages to domain objects and back."""

from typing import Any

import grpc
import orjson

from services.grid.sources.domain.files import (
    FileContent,
    FileEntry,
    FileEntryNotFound,
    SourceEvent,
)
from services.grid.sources.messages import ledger as messages
from services.grid.sources.messages.objects import object_message
from services.grid.sources.servicer.ledger import (
    day,
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
from shared.rpc.fields import optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import source_files_pb2

ENTRY_TEXTS = ("part", "title", "reference", "detail", "pollutant", "unit")


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
            dated_on=day(request.dated_on, "/dated_on"),
            treated=messages.flag(request, "treated"),
            amount=messages.flag(request, "amount"),
            **{name: getattr(request, name) for name in ENTRY_TEXTS},
        )

        def act(tx: Transaction) -> source_files_pb2.AddSourceFileEntryResponse:
            entry = source_files.add_entry(
                tx, source_id_of(request), new_id(), content, self._clock()
            )
            return source_files_pb2.AddSourceFileEntryResponse(entry=_entry(entry))

        return once(self._unit_of_work, request, source_files_pb2.AddSourceFileEntryResponse, act)

    def UpdateSourceFileEntry(
        self, request: source_files_pb2.UpdateSourceFileEntryRequest, context: grpc.ServicerContext
    ) -> source_files_pb2.UpdateSourceFileEntryResponse:
        """Change what is given."""
        entry_id = uuid_or(request.entry_id, FileEntryNotFound(entry_id=request.entry_id))
        given = given_of(request, (*ENTRY_TEXTS, "treated", "amount"))
        if request.HasField("dated_on"):
            given["dated_on"] = day(request.dated_on, "/dated_on")

        def act(tx: Transaction) -> source_files_pb2.UpdateSourceFileEntryResponse:
            entry = source_files.update_entry(
                tx, entry_id, request.expected_version, given, self._clock()
            )
            return source_files_pb2.UpdateSourceFileEntryResponse(entry=_entry(entry))

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
            events=[_event(event) for event in page.items],
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
        entries=[_entry(entry) for entry in found.entries],
        events=[_event(event) for event in found.events],
        objects=[object_message(view) for view in found.objects],
    )


def _entry(entry: FileEntry) -> source_files_pb2.SourceFileEntry:
    content = entry.content
    return source_files_pb2.SourceFileEntry(
        county_id=call.current().county_id,
        entry_id=str(entry.entry_id),
        pollution_source_id=str(entry.source_id),
        dated_on=content.dated_on.isoformat() if content.dated_on else "",
        treated=content.treated,
        amount=content.amount,
        create_time=entry.created_at,
        version=entry.version,
        **{name: getattr(content, name) for name in ENTRY_TEXTS},
    )


def _event(event: SourceEvent) -> source_files_pb2.SourceEvent:
    return source_files_pb2.SourceEvent(
        event_id=str(event.event_id),
        pollution_source_id=str(event.source_id),
        key=event.key,
        about_id=str(event.about_id),
        event_time=event.at,
        facts_json=orjson.dumps(event.facts).decode(),
    )
