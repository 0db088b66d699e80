"""Changes of grids as messages."""

from typing import Any

from services.grid.changes.domain.changes import ChangedGrid, ChangeKind, GridChange
from shared.rpc import call
from wangge.grid.v1 import changes_pb2

CHANGE_KINDS: dict[ChangeKind, Any] = {
    kind: changes_pb2.ChangeKind.Value(f"CHANGE_KIND_{kind.name}") for kind in ChangeKind
}


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
