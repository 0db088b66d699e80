"""Asks grid for what the local copy does not have yet. Used by gRPC processes alone.

A county that has just been created, or has just imported its grids, can work at once: what grid
answers is kept in the local copy, and the events that tell the same later change nothing.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import grpc
import orjson

from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.rpc import call
from shared.structure.store import GridNotFound, Structure, StructureNotYetKnown
from wangge.grid.v1 import counties_pb2, schemes_pb2, tree_pb2, tree_service_pb2_grpc


@dataclass(frozen=True, slots=True)
class Learned:
    """What grid answered, in the form of its events; None where it was not asked or has none."""

    county: Mapping[str, Any] | None = None
    scheme: Mapping[str, Any] | None = None
    grid: Mapping[str, Any] | None = None

    def keep(self, tx: Transaction) -> None:
        """Put it into the local copy."""
        structure = tx.store(Structure)
        if self.county is not None:
            county = dict(self.county)
            structure.apply_county(county.pop("version"), county)
        if self.scheme is not None:
            structure.apply_scheme(self.scheme)
        if self.grid is not None:
            structure.apply_grids([self.grid])


NOTHING = Learned()
Answer = TypeVar("Answer")
OpenTransaction = Callable[[RequestContext], AbstractContextManager[Transaction]]


class GridClient:
    """Asks grid, in the caller's name and for the caller's county."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._grid = tree_service_pb2_grpc.GridServiceStub(channel)

    def county(self) -> Mapping[str, Any]:
        """The county. Like the methods below, raises grpc.RpcError where grid refuses or fails."""
        request = counties_pb2.GetCountyRequest(county_id=call.current().county_id)
        county = self._grid.GetCounty(request).county
        return {
            "version": county.version,
            "name": county.name,
            "admin_code": county.admin_code,
            "time_zone": county.time_zone,
        }

    def scheme(self) -> Mapping[str, Any]:
        """The scheme in force today."""
        request = schemes_pb2.GetSchemeRequest(county_id=call.current().county_id)
        scheme = self._grid.GetScheme(request).scheme
        return {
            "version": scheme.version,
            "effective_on": date.fromisoformat(scheme.effective_on),
            "document": orjson.loads(scheme.document_json),
        }

    def find_grid(self, grid_id: UUID) -> Mapping[str, Any] | None:
        """The grid; None where grid does not know it."""
        request = tree_pb2.GetGridRequest(county_id=call.current().county_id, grid_id=str(grid_id))
        try:
            return _grid_data(self._grid.GetGrid(request).grid)
        except grpc.RpcError as error:
            if isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise


class StructurePeer:
    """Answers a request once more with what grid says, where the local copy has a gap."""

    def __init__(self, channel: grpc.Channel, unit_of_work: OpenTransaction) -> None:
        self._grid = GridClient(channel)
        self._unit_of_work = unit_of_work

    def answer(
        self, attempt: Callable[[Learned], Answer], now: datetime, grid_id: UUID | None
    ) -> Answer:
        """Return what ``attempt`` answers; after a gap it is called again with what grid answered.

        ``attempt`` opens its own transaction, keeps in it what was learned, and raises
        GridNotFound or StructureNotYetKnown for a gap.
        """
        try:
            return attempt(NOTHING)
        except (GridNotFound, StructureNotYetKnown):
            learned = self._learn(now, grid_id)
            if learned == NOTHING:
                raise
        return attempt(learned)

    def _learn(self, now: datetime, grid_id: UUID | None) -> Learned:
        with self._unit_of_work(call.current()) as tx:
            structure = tx.store(Structure)
            lacks_county = _lacks(structure.county)
            lacks_scheme = lacks_county or _lacks(lambda: structure.scheme_now(now))
            lacks_grid = grid_id is not None and structure.find_grid(grid_id) is None
        return Learned(
            county=self._grid.county() if lacks_county else None,
            scheme=self._grid.scheme() if lacks_scheme else None,
            grid=self._grid.find_grid(grid_id) if grid_id and lacks_grid else None,
        )


def _lacks(question: Callable[[], object]) -> bool:
    try:
        question()
    except StructureNotYetKnown:
        return True
    return False


def _grid_data(grid: tree_pb2.Grid) -> Mapping[str, Any]:
    return {
        "grid_id": UUID(grid.grid_id),
        "version": grid.version,
        "parent_id": UUID(grid.parent_id) if grid.parent_id else None,
        "path": grid.path,
        "level_id": grid.level_id,
        "rank": grid.rank,
        "unit_type": grid.unit_type,
        "name": grid.name,
        "admin_code": grid.admin_code or None,
        "valid_from": grid.valid_from.ToDatetime(tzinfo=UTC),
        "valid_to": grid.valid_to.ToDatetime(tzinfo=UTC) if grid.HasField("valid_to") else None,
        "since": grid.since.ToDatetime(tzinfo=UTC) if grid.HasField("since") else None,
        "kind": _kind(grid.kind),
        "local_code": grid.local_code or None,
    }


def _kind(number: int) -> str | None:
    """The kind's name; None from a grid that does not say it."""
    name = tree_pb2.GridKind.Name(number)
    return name.removeprefix("GRID_KIND_").lower() if number else None
