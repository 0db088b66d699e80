"""Totals of sources in PostgreSQL. Rows never leave this file."""

from sqlalchemy import func, literal, text, union_all

from services.grid.sources.domain.totals import Tally
from services.grid.sources.models.ledger import OriginRow, SourceRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction


class TotalStore:
    """How many sources the county's grids have."""

    def __init__(self, tx: Transaction) -> None:
        self._grids = ScopedTable(tx, GridRow)
        self._sources = ScopedTable(tx, SourceRow)
        self._origins = ScopedTable(tx, OriginRow)

    def tallies(self, path: str, by: str) -> list[Tally]:
        """How many sources of each key every grid of the subtree has."""
        if by == "department":
            return self._by_department(path)
        key = literal("") if by == "grid" else getattr(SourceRow, by)
        rows = self._grids.all(
            self._grids.select(GridRow.path, key.label("key"), func.count().label("number"))
            .join(SourceRow, same_county(SourceRow, GridRow, "grid_id"))
            .where(within(path))
            .group_by(GridRow.path, text("key"))
        )
        return [Tally(row.path, row.key, row.number) for row in rows]

    def _by_department(self, path: str) -> list[Tally]:
        """Count by department. A source counts for each department that lists it, else for ""."""
        named = self._origins.select(
            OriginRow.grid_id,
            OriginRow.department_id.label("key"),
            func.count(OriginRow.source_id.distinct()).label("number"),
        ).group_by(OriginRow.department_id, OriginRow.grid_id)
        unnamed = (
            self._sources.select(
                SourceRow.grid_id, literal("").label("key"), func.count().label("number")
            )
            .where(~self._origins.exists(OriginRow.source_id == SourceRow.source_id))
            .group_by(SourceRow.grid_id)
        )
        counted = union_all(named, unnamed).subquery()
        rows = self._grids.all(
            self._grids.select(GridRow.path, counted.c.key, counted.c.number)
            .join(counted, counted.c.grid_id == GridRow.grid_id)
            .where(within(path))
        )
        return [Tally(row.path, row.key, row.number) for row in rows]
