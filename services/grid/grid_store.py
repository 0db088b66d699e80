"""Grids in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from services.grid.domain.grids import Grid, GridFilters
from services.grid.models.counties import CountyRow
from services.grid.models.grids import GridRow
from services.grid.trails import trail_of as _trail
from services.grid.trails import within as _within
from shared.structure.store import GridNotFound


class GridStore:
    """The county's grids."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def lock(self) -> None:
        """Keep others from making grids in the county until this transaction ends."""
        self._connection.execute(
            select(CountyRow.last_node)
            .where(CountyRow.county_id == self._county_id)
            .with_for_update(key_share=True)
        )

    def take_nodes(self, count: int) -> int:
        """Reserve node numbers; returns the first. Others wait until this transaction ends."""
        last = self._connection.execute(
            update(CountyRow)
            .where(CountyRow.county_id == self._county_id)
            .values(last_node=CountyRow.last_node + count)
            .returning(CountyRow.last_node)
        ).scalar_one()
        return last - count + 1

    def in_force(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by division code."""
        found = self._grids(GridRow.valid_to.is_(None), GridRow.admin_code.in_(codes))
        return {grid.admin_code: grid for grid in found if grid.admin_code}

    def add(self, grids: Sequence[Grid]) -> None:
        """Write new grids."""
        rows = [{**asdict(grid), "county_id": self._county_id} for grid in grids]
        self._connection.execute(insert(GridRow), rows)

    def get(self, grid_id: UUID) -> Grid:
        """One grid. Raises GridNotFound."""
        found = self._grids(GridRow.grid_id == grid_id)
        if not found:
            raise GridNotFound(grid_id=grid_id)
        return found[0]

    def count_by_level(self) -> dict[str, int]:
        """How many grids in force each level has."""
        rows = self._connection.execute(
            select(GridRow.level_id, func.count())
            .where(GridRow.county_id == self._county_id, GridRow.valid_to.is_(None))
            .group_by(GridRow.level_id)
        )
        return {str(level_id): int(count) for level_id, count in rows}

    def page(
        self,
        scopes: Sequence[str],
        filters: GridFilters,
        at: datetime,
        after: str | None,
        limit: int,
    ) -> list[Grid]:
        """Grids in any of the subtrees, in force at a moment, in path order, after one at a path."""
        conditions = [
            or_(false(), *(_within(scope) for scope in scopes)),
            GridRow.valid_from <= at,
            or_(GridRow.valid_to.is_(None), GridRow.valid_to > at),
            *_matching(filters),
        ]
        if after is not None:
            conditions.append(GridRow.trail > _trail(after))
        return self._grids(*conditions, limit=limit)

    def _grids(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Grid]:
        columns = [getattr(GridRow, name) for name in Grid.__slots__]
        rows = self._connection.execute(
            select(*columns)
            .where(GridRow.county_id == self._county_id, *conditions)
            .order_by(GridRow.trail)
            .limit(limit)
        )
        return [Grid(*tuple(row)) for row in rows]


def _matching(filters: GridFilters) -> list[ColumnElement[bool]]:
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (filters.parent_id, GridRow.parent_id == filters.parent_id),
        (filters.level_id, GridRow.level_id == filters.level_id),
        (filters.admin_code, GridRow.admin_code == filters.admin_code),
        (filters.name, GridRow.name.contains(filters.name, autoescape=True)),
    ]
    return [condition for given, condition in wanted if given]
