"""Grids and their changes as messages."""

from typing import Any

import orjson

from services.grid.changes.domain.changes import ChangedGrid, ChangeKind, GridChange
from services.grid.tree.domain.grids import Grid, GridKind
from shared.rpc import call
from wangge.grid.v1 import changes_pb2, tree_pb2

KINDS: dict[GridKind, Any] = {
    kind: tree_pb2.GridKind.Value(f"GRID_KIND_{kind.name}") for kind in GridKind
}
CHANGE_KINDS: dict[ChangeKind, Any] = {
    kind: changes_pb2.ChangeKind.Value(f"CHANGE_KIND_{kind.name}") for kind in ChangeKind
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


def change_message(change: GridChange) -> changes_pb2.GridChange:
    """A change."""
    document = change.document
    return changes_pb2.GridChange(
        county_id=call.current().county_id,
        change_id=str(change.change_id),
        kind=CHANGE_KINDS[change.kind],
        effective_at=change.effective_at,
        document=(
            changes_pb2.ChangeDocument(
                title=document.title, number=document.number, url=document.url
            )
            if document
            else None
        ),
        predecessors=[_changed(grid) for grid in change.predecessors],
        successors=[_changed(grid) for grid in change.successors],
        heirs=[
            changes_pb2.Heir(from_grid_id=str(heir.from_id), to_grid_id=str(heir.to_id))
            for heir in change.heirs
        ],
        carry_posts=change.carry_posts,
        made_by=str(change.made_by or ""),
        made_at=change.made_at,
    )


def _changed(grid: ChangedGrid) -> changes_pb2.ChangedGrid:
    return changes_pb2.ChangedGrid(
        grid_id=str(grid.grid_id),
        name=grid.name,
        admin_code=grid.admin_code or "",
        local_code=grid.local_code or "",
        path=grid.path,
    )
