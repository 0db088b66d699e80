"""Grids in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    false,
    func,
    or_,
    select,
    update,
)

from services.grid.domain.drafts import LevelGrids
from services.grid.domain.grids import Grid, GridFilters
from services.grid.models.base import Base
from services.grid.models.counties import CountyRow
from services.grid.models.grids import GridRow
from services.grid.trails import trail_of, within
from shared.db.bulk import insert_many
from shared.structure.store import GridNotFound

COLUMNS = Grid.__slots__
GRIDS = Base.metadata.tables["grids"]


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

    def ended_after(self, codes: Collection[str], moment: datetime) -> Grid | None:
        """A grid of one of the divisions that was still there at a moment and has ended since."""
        found = self._grids(GridRow.valid_to > moment, GridRow.admin_code.in_(codes), limit=1)
        return found[0] if found else None

    def add(self, grids: Sequence[Grid]) -> None:
        """Write new grids."""
        insert_many(self._connection, GRIDS, [self._row(grid) for grid in grids])

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

    def count_by_unit_type(self) -> list[LevelGrids]:
        """How many grids in force each level has of each type of units."""
        rows = self._connection.execute(
            select(GridRow.level_id, GridRow.unit_type, func.count())
            .where(GridRow.county_id == self._county_id, GridRow.valid_to.is_(None))
            .group_by(GridRow.level_id, GridRow.unit_type)
            .order_by(GridRow.level_id, GridRow.unit_type)
        )
        return [LevelGrids(level_id, unit_type, count) for level_id, unit_type, count in rows]

    def first_names(self, level_ids: Collection[str], limit: int) -> dict[str, list[str]]:
        """Names of the first grids in force of each level, in path order."""
        place = func.row_number().over(partition_by=GridRow.level_id, order_by=GridRow.trail)
        numbered = (
            select(GridRow.level_id, GridRow.name, place.label("place"))
            .where(
                GridRow.county_id == self._county_id,
                GridRow.valid_to.is_(None),
                GridRow.level_id.in_(level_ids),
            )
            .subquery()
        )
        rows = self._connection.execute(
            select(numbered.c.level_id, numbered.c.name)
            .where(numbered.c.place <= limit)
            .order_by(numbered.c.level_id, numbered.c.place)
        )
        names: dict[str, list[str]] = {}
        for level_id, name in rows:
            names.setdefault(level_id, []).append(name)
        return names

    def nearest_code(self, path: str) -> str | None:
        """The division code of the grid at the path, or of the nearest above it that has one."""
        nodes = path.rstrip(".").split(".")
        paths = [".".join(nodes[:depth]) + "." for depth in range(1, len(nodes) + 1)]
        return self._connection.execute(
            select(GridRow.admin_code)
            .where(
                GridRow.county_id == self._county_id,
                GridRow.trail.in_([trail_of(each) for each in paths]),
                GridRow.admin_code.is_not(None),
            )
            .order_by(GridRow.trail.desc())
            .limit(1)
        ).scalar()

    def codes_in_force(self, codes: Collection[str]) -> set[str]:
        """Those of the codes that a grid in force has."""
        rows = self._connection.execute(
            select(GridRow.admin_code).where(
                GridRow.county_id == self._county_id,
                GridRow.valid_to.is_(None),
                GridRow.admin_code.in_(codes),
            )
        )
        return {str(code) for (code,) in rows}

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
            or_(false(), *(within(scope) for scope in scopes)),
            GridRow.valid_from <= at,
            or_(GridRow.valid_to.is_(None), GridRow.valid_to > at),
            *_matching(filters),
        ]
        if after is not None:
            conditions.append(GridRow.trail > trail_of(after))
        return self._grids(*conditions, limit=limit)

    def _row(self, grid: Grid) -> dict[str, object]:
        """The grid's columns. ``asdict`` copies every value deeply, which costs an import half."""
        return {"county_id": self._county_id, **{name: getattr(grid, name) for name in COLUMNS}}

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
