"""Changes of the division into grids in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Row, and_, literal, select
from sqlalchemy.orm import aliased

from services.grid.changes.domain.changes import (
    ChangedGrid,
    ChangeKind,
    Document,
    GridChange,
)
from services.grid.changes.models import GridChangeRow, GridLineageRow
from shared.contracts.grid import Succession
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction

PREDECESSOR, SUCCESSOR = "predecessor", "successor"


class GridChangeStore:
    """The county's changes."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._changes = ScopedTable(tx, GridChangeRow)
        self._lineage = ScopedTable(tx, GridLineageRow)

    def add(self, change: GridChange) -> None:
        """Write a change."""
        document = change.document
        self._changes.insert(
            {
                "change_id": change.change_id,
                "kind": change.kind.value,
                "effective_at": change.effective_at,
                "document_title": document and document.title,
                "document_number": document and document.number,
                "document_url": document and document.url,
                "carry_posts": change.carry_posts,
                "made_by": change.made_by,
                "made_at": change.made_at,
            }
        )
        heirs = {heir.from_id: heir.to_id for heir in change.heirs}
        self._lineage.insert_many(
            [
                {
                    "change_id": change.change_id,
                    "part": part,
                    "position": position,
                    "grid_id": grid.grid_id,
                    "name": grid.name,
                    "admin_code": grid.admin_code,
                    "local_code": grid.local_code,
                    "path": grid.path,
                    "heir_id": heirs.get(grid.grid_id) if part == PREDECESSOR else None,
                }
                for part, grids in (
                    (PREDECESSOR, change.predecessors),
                    (SUCCESSOR, change.successors),
                )
                for position, grid in enumerate(grids)
            ],
        )

    def came_from(self, grid_id: UUID) -> list[GridChange]:
        """Return the changes that led to the grid, through all steps, oldest first."""
        return self._changes_along(grid_id, SUCCESSOR, PREDECESSOR)

    def became(self, grid_id: UUID) -> list[GridChange]:
        """Return the changes that followed from the grid, through all steps, oldest first."""
        return self._changes_along(grid_id, PREDECESSOR, SUCCESSOR)

    def _changes_along(self, grid_id: UUID, here: str, there: str) -> list[GridChange]:
        walked = self._walked(grid_id, here, there)
        ids = select(GridLineageRow.change_id).where(
            self._is(GridLineageRow, here), GridLineageRow.grid_id.in_(select(walked.c.grid_id))
        )
        rows = self._tx.connection.execute(
            select(GridChangeRow.__table__)
            .where(self._changes.own, GridChangeRow.change_id.in_(ids))
            .order_by(GridChangeRow.effective_at, GridChangeRow.change_id)
        ).all()
        parts = self._parts([row.change_id for row in rows])
        return [
            _change(row, [part for part in parts if part.change_id == row.change_id])
            for row in rows
        ]

    def _walked(self, grid_id: UUID, here: str, there: str) -> CTE:
        """Select the grid and all that are reached by steps from ``here`` to ``there``."""
        near, far = aliased(GridLineageRow), aliased(GridLineageRow)
        walked = select(literal(grid_id).label("grid_id")).cte("walked", recursive=True)
        step = (
            select(far.grid_id)
            .join(near, same_county(near, far, "change_id"))
            .join(walked, walked.c.grid_id == near.grid_id)
            .where(self._is(near, here), self._is(far, there))
        )
        return walked.union(step)

    def _is(self, row: type[GridLineageRow], part: str) -> ColumnElement[bool]:
        return and_(row.county_id == self._tx.county_id, row.part == part)

    def _parts(self, change_ids: Sequence[UUID]) -> Sequence[Row[tuple[object, ...]]]:
        if not change_ids:
            return []
        return self._tx.connection.execute(
            select(*GridLineageRow.__table__.columns)
            .where(
                self._lineage.own,
                GridLineageRow.change_id.in_(change_ids),
            )
            .order_by(GridLineageRow.change_id, GridLineageRow.part, GridLineageRow.position)
        ).all()


def _change(row: Row[tuple[object, ...]], parts: Sequence[Row[tuple[object, ...]]]) -> GridChange:
    stated = row.document_title is not None
    return GridChange(
        change_id=row.change_id,
        kind=ChangeKind(row.kind),
        effective_at=row.effective_at,
        document=Document(row.document_title, row.document_number, row.document_url)
        if stated
        else None,
        predecessors=_grids(parts, PREDECESSOR),
        successors=_grids(parts, SUCCESSOR),
        heirs=tuple(
            Succession(from_id=part.grid_id, to_id=part.heir_id)
            for part in parts
            if part.heir_id is not None
        ),
        carry_posts=row.carry_posts,
        made_by=row.made_by,
        made_at=row.made_at,
    )


def _grids(parts: Sequence[Row[tuple[object, ...]]], wanted: str) -> tuple[ChangedGrid, ...]:
    return tuple(
        ChangedGrid(part.grid_id, part.name, part.admin_code, part.local_code, part.path)
        for part in parts
        if part.part == wanted
    )
