"""Objects of the ledger over gRPC: messages in and out, nothing else."""

from typing import Any
from uuid import UUID

import grpc
import orjson

from services.grid.sources.domain.objects import (
    OBJECT_TEXTS,
    LedgerObject,
    LedgerObjectNotFound,
    ObjectFilters,
)
from services.grid.sources.messages import ledger as messages
from services.grid.sources.messages.objects import write_object
from services.grid.sources.servicer.ledger import source_id_of
from services.grid.sources.usecases import objects as ledger_objects
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import NO_UUID, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import source_objects_pb2


class ObjectServicer(Servicer):
    """What the ledger holds beside sources, and its links to them."""

    def CreateLedgerObject(
        self, request: source_objects_pb2.CreateLedgerObjectRequest, context: grpc.ServicerContext
    ) -> source_objects_pb2.CreateLedgerObjectResponse:
        """Record an object."""
        now = self._clock()
        made = LedgerObject(
            object_id=new_id(),
            kind=request.kind,
            grid_id=_grid_id(request),
            longitude=messages.flag(request, "longitude"),
            latitude=messages.flag(request, "latitude"),
            details=orjson.loads(request.details_json or "{}"),
            created_at=now,
            version=1,
            **{name: getattr(request, name) for name in OBJECT_TEXTS},
        )

        def act(tx: Transaction) -> source_objects_pb2.CreateLedgerObjectResponse:
            view = ledger_objects.create_object(tx, made, now)
            return source_objects_pb2.CreateLedgerObjectResponse(object=write_object(view))

        return once(self._unit_of_work, request, source_objects_pb2.CreateLedgerObjectResponse, act)

    def UpdateLedgerObject(
        self, request: source_objects_pb2.UpdateLedgerObjectRequest, context: grpc.ServicerContext
    ) -> source_objects_pb2.UpdateLedgerObjectResponse:
        """Change what is given."""
        given = given_of(request, (*OBJECT_TEXTS, "longitude", "latitude"))
        if request.HasField("grid_id"):
            given["grid_id"] = _grid_id(request)
        if request.HasField("details_json"):
            given["details"] = orjson.loads(request.details_json or "{}")

        def act(tx: Transaction) -> source_objects_pb2.UpdateLedgerObjectResponse:
            view = ledger_objects.update_object(
                tx, _object_id(request), request.expected_version, given, self._clock()
            )
            return source_objects_pb2.UpdateLedgerObjectResponse(object=write_object(view))

        return once(self._unit_of_work, request, source_objects_pb2.UpdateLedgerObjectResponse, act)

    def ListLedgerObjects(
        self, request: source_objects_pb2.ListLedgerObjectsRequest, context: grpc.ServicerContext
    ) -> source_objects_pb2.ListLedgerObjectsResponse:
        """List what was recorded."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        filters = ObjectFilters(
            kind=request.kind,
            type=request.type,
            state=request.state,
            name=request.name,
            source_id=optional_uuid(request.pollution_source_id, "/pollution_source_id"),
        )
        with self._unit_of_work(call.current()) as tx:
            page = ledger_objects.list_objects(tx, grid_id, filters, asked)
        return source_objects_pb2.ListLedgerObjectsResponse(
            objects=[write_object(view) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def LinkSource(
        self, request: source_objects_pb2.LinkSourceRequest, context: grpc.ServicerContext
    ) -> source_objects_pb2.LinkSourceResponse:
        """Link an object to a source."""

        def act(tx: Transaction) -> source_objects_pb2.LinkSourceResponse:
            view = ledger_objects.link(tx, _object_id(request), source_id_of(request))
            return source_objects_pb2.LinkSourceResponse(object=write_object(view))

        return once(self._unit_of_work, request, source_objects_pb2.LinkSourceResponse, act)

    def UnlinkSource(
        self, request: source_objects_pb2.UnlinkSourceRequest, context: grpc.ServicerContext
    ) -> source_objects_pb2.UnlinkSourceResponse:
        """End a link."""

        def act(tx: Transaction) -> source_objects_pb2.UnlinkSourceResponse:
            view = ledger_objects.unlink(tx, _object_id(request), source_id_of(request))
            return source_objects_pb2.UnlinkSourceResponse(object=write_object(view))

        return once(self._unit_of_work, request, source_objects_pb2.UnlinkSourceResponse, act)


def _object_id(request: Any) -> UUID:
    return uuid_or(request.object_id, LedgerObjectNotFound(object_id=request.object_id))


def given_of(request: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return those of the named members that a request states."""
    return {name: getattr(request, name) for name in names if request.HasField(name)}


def _grid_id(request: Any) -> UUID:
    return uuid_or(request.grid_id, InvalidArgument([Violation("/grid_id", NO_UUID)]))
