"""Grids as messages."""

from typing import Any
from uuid import UUID

import orjson

from services.grid.tree.domain.grids import Grid, GridKind, GridState
from shared.rpc.fields import uuid_or
from shared.rpc.messages import writer
from shared.structure.store import GridNotFound
from wangge.grid.v1 import tree_pb2

KINDS: dict[GridKind, Any] = {
    kind: tree_pb2.GridKind.Value(f"GRID_KIND_{kind.name}") for kind in GridKind
}
_KINDS_BY_NUMBER = {number: kind for kind, number in KINDS.items()}


def kind_of(number: int) -> GridKind | None:
    """The kind of a message; None where it gives none."""
    return _KINDS_BY_NUMBER.get(number)


write_grid = writer(
    tree_pb2.Grid,
    Grid,
    made={"details_json": lambda grid: orjson.dumps(grid.details).decode() if grid.details else ""},
)
write_state = writer(tree_pb2.GridState, GridState, nested={"grid": write_grid})


def grid_id_of(request: Any) -> UUID:
    """Return the id of the grid that a request names. Raises GridNotFound if it is not an id."""
    return uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
