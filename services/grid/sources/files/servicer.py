"""Files of pollution sources over gRPC: messages to domain objects and back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
import orjson

from services.grid.sources.files import usecases as source_files
from services.grid.sources.files.domain import (
    FileContent,
    FileEntry,
    FileEntryNotFound,
    SourceEvent,
)
from services.grid.sources.files.usecases import EventPlace, SourceFile
from services.grid.sources.ledger import messages
from services.grid.sources.ledger.servicer import (
    READERS,
    WRITERS,
    day,
    new_id,
    next_token,
    page_place,
    source_id_of,
)
from services.grid.sources.ledger.usecases import settings_of
from services.grid.sources.objects import usecases as ledger_objects
from services.grid.sources.objects.domain import (
    LedgerObject,
    LedgerObjectNotFound,
    ObjectFilters,
    ObjectView,
)
from services.grid.store import GridTransaction
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from shared.rpc.fields import NO_UUID, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rules
from wangge.grid.v1 import source_files_pb2
from wangge.grid.v1 import source_files_service_pb2 as pb
from wangge.grid.v1 import source_files_service_pb2_grpc as pb_grpc

RULES: Rules = {
    "GetSourceFile": READERS,
    "AddSourceFileEntry": WRITERS,
    "UpdateSourceFileEntry": WRITERS,
    "ListIncompleteSourceFiles": READERS,
    "ListSourceEvents": READERS,
    "CreateLedgerObject": WRITERS,
    "UpdateLedgerObject": WRITERS,
    "ListLedgerObjects": READERS,
    "LinkSource": WRITERS,
    "UnlinkSource": WRITERS,
}
ENTRY_TEXTS = ("part", "title", "reference", "detail", "pollutant", "unit")
OBJECT_TEXTS = ("name", "type", "state", "place")
NO_OBJECT = Text("Give a JSON object.", "应为 JSON 对象。")


class SourceFileServicer(pb_grpc.SourceFileServiceServicer):
    """Files of sources, and what lies around them."""

    def __init__(
        self, unit_of_work: UnitOfWork[GridTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def GetSourceFile(
        self, request: pb.GetSourceFileRequest, context: grpc.ServicerContext
    ) -> pb.GetSourceFileResponse:
        """Return a source's file."""
        now = self._clock()
        with self._unit_of_work(call.current()) as tx:
            found = source_files.get_file(tx, source_id_of(request), now)
            source = messages.source_message(found.view, settings_of(tx, now))
        return pb.GetSourceFileResponse(file=_file(found, source))

    def AddSourceFileEntry(
        self, request: pb.AddSourceFileEntryRequest, context: grpc.ServicerContext
    ) -> pb.AddSourceFileEntryResponse:
        """Put an entry into a file."""
        content = FileContent(
            dated_on=day(request.dated_on, "/dated_on"),
            treated=messages.flag(request, "treated"),
            amount=messages.flag(request, "amount"),
            **{name: getattr(request, name) for name in ENTRY_TEXTS},
        )

        def act(tx: GridTransaction) -> pb.AddSourceFileEntryResponse:
            entry = source_files.add_entry(
                tx, source_id_of(request), new_id(), content, self._clock()
            )
            return pb.AddSourceFileEntryResponse(entry=_entry(entry))

        return once(self._unit_of_work, request, pb.AddSourceFileEntryResponse, act)

    def UpdateSourceFileEntry(
        self, request: pb.UpdateSourceFileEntryRequest, context: grpc.ServicerContext
    ) -> pb.UpdateSourceFileEntryResponse:
        """Change what is given."""
        entry_id = uuid_or(request.entry_id, FileEntryNotFound(entry_id=request.entry_id))
        given = _given(request, (*ENTRY_TEXTS, "treated", "amount"))
        if request.HasField("dated_on"):
            given["dated_on"] = day(request.dated_on, "/dated_on")

        def act(tx: GridTransaction) -> pb.UpdateSourceFileEntryResponse:
            entry = source_files.update_entry(
                tx, entry_id, request.expected_version, given, self._clock()
            )
            return pb.UpdateSourceFileEntryResponse(entry=_entry(entry))

        return once(self._unit_of_work, request, pb.UpdateSourceFileEntryResponse, act)

    def ListIncompleteSourceFiles(
        self, request: pb.ListIncompleteSourceFilesRequest, context: grpc.ServicerContext
    ) -> pb.ListIncompleteSourceFilesResponse:
        """List sources whose file lacks required parts."""
        size = paging.size(request.page_size)
        after = page_place(request.page_token)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        now = self._clock()
        with self._unit_of_work(call.current()) as tx:
            found = source_files.list_incomplete(tx, grid_id, after, size + 1, now)
            settings = settings_of(tx, now)
        page = found[:size]
        return pb.ListIncompleteSourceFilesResponse(
            files=[
                source_files_pb2.IncompleteSourceFile(
                    source=messages.source_message(view, settings), missing=missing
                )
                for view, missing in page
            ],
            next_page_token=next_token([view for view, _ in page]) if len(found) > size else "",
        )

    def ListSourceEvents(
        self, request: pb.ListSourceEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListSourceEventsResponse:
        """List what happened, newest first."""
        size = paging.size(request.page_size)
        after = _event_place(request.page_token)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        source_id = source_id_of(request) if request.source_id else None
        with self._unit_of_work(call.current()) as tx:
            found = source_files.list_events(tx, grid_id, source_id, after, size + 1)
        page = found[:size]
        more = len(found) > size
        return pb.ListSourceEventsResponse(
            events=[_event(event) for event in page],
            next_page_token=_event_token(page[-1]) if more else "",
        )

    def CreateLedgerObject(
        self, request: pb.CreateLedgerObjectRequest, context: grpc.ServicerContext
    ) -> pb.CreateLedgerObjectResponse:
        """Record one."""
        now = self._clock()
        made = LedgerObject(
            object_id=new_id(),
            kind=request.kind,
            grid_id=_grid_id(request),
            longitude=messages.flag(request, "longitude"),
            latitude=messages.flag(request, "latitude"),
            details=_details(request.details_json),
            created_at=now,
            version=1,
            **{name: getattr(request, name) for name in OBJECT_TEXTS},
        )

        def act(tx: GridTransaction) -> pb.CreateLedgerObjectResponse:
            view = ledger_objects.create_object(tx, made, now)
            return pb.CreateLedgerObjectResponse(object=_object(view))

        return once(self._unit_of_work, request, pb.CreateLedgerObjectResponse, act)

    def UpdateLedgerObject(
        self, request: pb.UpdateLedgerObjectRequest, context: grpc.ServicerContext
    ) -> pb.UpdateLedgerObjectResponse:
        """Change what is given."""
        given = _given(request, (*OBJECT_TEXTS, "longitude", "latitude"))
        if request.HasField("grid_id"):
            given["grid_id"] = _grid_id(request)
        if request.HasField("details_json"):
            given["details"] = _details(request.details_json)

        def act(tx: GridTransaction) -> pb.UpdateLedgerObjectResponse:
            view = ledger_objects.update_object(
                tx, _object_id(request), request.expected_version, given, self._clock()
            )
            return pb.UpdateLedgerObjectResponse(object=_object(view))

        return once(self._unit_of_work, request, pb.UpdateLedgerObjectResponse, act)

    def ListLedgerObjects(
        self, request: pb.ListLedgerObjectsRequest, context: grpc.ServicerContext
    ) -> pb.ListLedgerObjectsResponse:
        """List what was recorded."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        filters = ObjectFilters(
            kind=request.kind,
            type=request.type,
            state=request.state,
            name=request.name,
            source_id=optional_uuid(request.source_id, "/source_id"),
        )
        with self._unit_of_work(call.current()) as tx:
            found = ledger_objects.list_objects(tx, grid_id, filters, after, size + 1)
        page = found[:size]
        more = len(found) > size
        return pb.ListLedgerObjectsResponse(
            objects=[_object(view) for view in page],
            next_page_token=paging.encode(page[-1].object.object_id) if more else "",
        )

    def LinkSource(
        self, request: pb.LinkSourceRequest, context: grpc.ServicerContext
    ) -> pb.LinkSourceResponse:
        """Link one to a source."""

        def act(tx: GridTransaction) -> pb.LinkSourceResponse:
            view = ledger_objects.link(tx, _object_id(request), source_id_of(request))
            return pb.LinkSourceResponse(object=_object(view))

        return once(self._unit_of_work, request, pb.LinkSourceResponse, act)

    def UnlinkSource(
        self, request: pb.UnlinkSourceRequest, context: grpc.ServicerContext
    ) -> pb.UnlinkSourceResponse:
        """End a link."""

        def act(tx: GridTransaction) -> pb.UnlinkSourceResponse:
            view = ledger_objects.unlink(tx, _object_id(request), source_id_of(request))
            return pb.UnlinkSourceResponse(object=_object(view))

        return once(self._unit_of_work, request, pb.UnlinkSourceResponse, act)


def _given(request: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(request, name) for name in names if request.HasField(name)}


def _grid_id(request: Any) -> UUID:
    return uuid_or(request.grid_id, InvalidArgument([Violation("/grid_id", NO_UUID)]))


def _object_id(request: Any) -> UUID:
    return uuid_or(request.object_id, LedgerObjectNotFound(object_id=request.object_id))


def _details(text: str) -> Mapping[str, Any]:
    try:
        details = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise InvalidArgument([Violation("/details", NO_OBJECT)]) from error
    if not isinstance(details, dict):
        raise InvalidArgument([Violation("/details", NO_OBJECT)])
    return details


def _event_place(token: str) -> EventPlace | None:
    key = paging.decode(token, 3)
    if key is None:
        return None
    try:
        at, event_id, source_id = key
        return datetime.fromisoformat(at), UUID(event_id), UUID(source_id)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)]) from error


def _event_token(event: SourceEvent) -> str:
    return paging.encode(event.at.isoformat(), event.event_id, event.source_id)


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
        objects=[_object(view) for view in found.objects],
    )


def _entry(entry: FileEntry) -> source_files_pb2.SourceFileEntry:
    content = entry.content
    return source_files_pb2.SourceFileEntry(
        county_id=call.current().county_id,
        entry_id=str(entry.entry_id),
        source_id=str(entry.source_id),
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
        source_id=str(event.source_id),
        key=event.key,
        about_id=str(event.about_id),
        event_time=event.at,
        facts_json=orjson.dumps(event.facts).decode(),
    )


def _object(view: ObjectView) -> source_files_pb2.LedgerObject:
    shown = view.object
    return source_files_pb2.LedgerObject(
        county_id=call.current().county_id,
        object_id=str(shown.object_id),
        kind=shown.kind,
        grid_id=str(shown.grid_id),
        grid_path=view.grid_path,
        grid_name=view.grid_name,
        longitude=shown.longitude,
        latitude=shown.latitude,
        details_json=orjson.dumps(shown.details).decode(),
        source_ids=[str(source_id) for source_id in view.source_ids],
        create_time=shown.created_at,
        version=shown.version,
        **{name: getattr(shown, name) for name in OBJECT_TEXTS},
    )
