"""What grid is asked when the local copy does not know it yet.

A county that has just been created, or has just imported its grids, can be staffed at once: what
grid answers is kept in the local copy, and the events that tell the same later change nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import grpc
import orjson

from services.personnel.store import PersonnelTransaction
from services.personnel.usecases.county import scheme_in_force
from shared.db.transaction import UnitOfWork
from shared.rpc import call
from wangge.grid.v1 import grid_pb2, grid_service_pb2, grid_service_pb2_grpc


@dataclass(frozen=True, slots=True)
class Learned:
    """What grid answered, in the form of its events; None where it was not asked or has none."""

    scheme: Mapping[str, Any] | None = None
    grid: Mapping[str, Any] | None = None

    def keep(self, tx: PersonnelTransaction) -> None:
        """Put it into the local copy."""
        if self.scheme is not None:
            tx.structure.apply_scheme(self.scheme)
        if self.grid is not None:
            tx.structure.apply_grids([self.grid])


class GridPeer:
    """Asks grid, in the caller's name."""

    def __init__(
        self, channel: grpc.Channel, unit_of_work: UnitOfWork[PersonnelTransaction]
    ) -> None:
        self._grid = grid_service_pb2_grpc.GridServiceStub(channel)
        self._unit_of_work = unit_of_work

    def learn(
        self, now: datetime, *, role_type: str | None = None, grid_id: UUID | None = None
    ) -> Learned:
        """Ask for what the local copy lacks: a scheme with the role type, and the grid.

        Fails as grid does where it refuses; a grid that does not exist is simply not learned.
        """
        with self._unit_of_work(call.current()) as tx:
            lacks_role = role_type is not None and not _knows_role(tx, role_type, now)
            lacks_grid = grid_id is not None and tx.structure.find_grid(grid_id) is None
        return Learned(
            scheme=self._ask_scheme() if lacks_role else None,
            grid=self._ask_grid(str(grid_id)) if lacks_grid else None,
        )

    def _ask_scheme(self) -> Mapping[str, Any]:
        county_id = call.current().county_id
        request = grid_service_pb2.GetSchemeRequest(county_id=county_id)
        scheme = self._grid.GetScheme(request).scheme
        return {
            "version": scheme.version,
            "effective_on": date.fromisoformat(scheme.effective_on),
            "document": orjson.loads(scheme.document_json),
        }

    def _ask_grid(self, grid_id: str) -> Mapping[str, Any] | None:
        county_id = call.current().county_id
        request = grid_service_pb2.GetGridRequest(county_id=county_id, grid_id=grid_id)
        try:
            return _grid_data(self._grid.GetGrid(request).grid)
        except grpc.RpcError as error:
            if isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise


def _knows_role(tx: PersonnelTransaction, role_type: str, now: datetime) -> bool:
    scheme = scheme_in_force(tx, now)
    return scheme is not None and scheme.role_type(role_type) is not None


def _grid_data(grid: grid_pb2.Grid) -> Mapping[str, Any]:
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
    }
