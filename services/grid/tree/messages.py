"""Grids and their changes as messages."""

from typing import Any
from uuid import UUID

import orjson

from services.grid.tree.domain.grids import Grid, GridKind
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.structure.store import GridNotFound
from wangge.grid.v1 import tree_pb2

KINDS: dict[GridKind, Any] = {
    kind: tree_pb2.GridKind.Value(f"GRID_KIND_{kind.name}") for kind in GridKind
}
_KINDS_BY_NUMBER = {number: kind for kind, number in KINDS.items()}


def kind_of(number: int) -> GridKind | None:
    """The kind of a message; None where it gives none."""
    return _KINDS_BY_NUMBER.get(number)


def grid_message(grid: Grid) -> tree_pb2.Grid:
    """A grid in one of its states."""
    return tree_pb2.Grid(
        county_id=call.current().county_id,
        grid_id=str(grid.grid_id),
        parent_id=str(grid.parent_id or ""),
        path=grid.path,
        level_id=grid.level_id,
        rank=grid.rank,
        unit_type=grid.unit_type,
        name=grid.name,
        admin_code=grid.admin_code or "",
        valid_from=grid.valid_from,
        valid_to=grid.valid_to,
        version=grid.version,
        since=grid.since,
        kind=KINDS[grid.kind],
        is_base=grid.is_base,
        local_code=grid.local_code or "",
        details_json=orjson.dumps(grid.details).decode() if grid.details else "",
        zones=grid.zones,
    )


def grid_id_of(request: Any) -> UUID:
    """The grid that a request names. Raises GridNotFound for what is no id."""
    return uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
