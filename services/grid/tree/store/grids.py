"""Grids in PostgreSQL. Rows never leave this file."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from services.grid.tree.domain.grids import (
    WITHIN_A_GRID,
    Grid,
    GridFilters,
    GridKind,
    GridState,
    LevelGrids,
    paths_above,
)
from services.grid.tree.models import GridPastRow, GridRow
from services.grid.tree.store.trails import after_path, path_key, trail_of, within, within_of
from shared.db.pages import SortKey, read_page
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest, page_of
from shared.structure.store import GridNotFound

COLUMNS = Grid.__slots__
PER_STATEMENT = 1000
Table = type[GridRow] | type[GridPastRow]
Conditions = list[ColumnElement[bool]]
Asked = Callable[[Table], Conditions]


class GridStore:
    """The county's grids."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._grids = ScopedTable(tx, GridRow)
        self._past = ScopedTable(tx, GridPastRow)

    def in_force(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by division code."""
        found = self._newest(GridRow.valid_to.is_(None), GridRow.admin_code.in_(codes))
        return {grid.admin_code: grid for grid in found if grid.admin_code}

    def ended_codes(self, codes: Collection[str]) -> set[str]:
        """Those of the divisions that had a grid which has ended."""
        rows = self._tx.connection.execute(
            select(GridRow.admin_code).where(
                self._grids.own,
                GridRow.valid_to.is_not(None),
                GridRow.admin_code.in_(codes),
            )
        )
        return {str(code) for code in rows.scalars()}

    def ended_after(self, codes: Collection[str], moment: datetime) -> Grid | None:
        """A grid of one of the divisions that was still there at a moment and has ended since."""
        found = self._newest(GridRow.valid_to > moment, GridRow.admin_code.in_(codes), limit=1)
        return found[0] if found else None

    def with_local_codes(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by the county's own code."""
        found = self._newest(GridRow.valid_to.is_(None), GridRow.local_code.in_(codes))
        return {grid.local_code: grid for grid in found if grid.local_code}

    def add(self, grids: Sequence[Grid]) -> None:
        """Write new grids."""
        rows = [_values(grid) for grid in grids]
        if any(grid.zones or grid.details for grid in grids):
            self._grids.insert_many(rows)
            return
        self._grids.insert_bulk(
            {k: v for k, v in row.items() if k not in ("zones", "details")} for row in rows
        )

    def supersede(self, grids: Sequence[Grid]) -> None:
        """Write new states of grids, and keep the states before them."""
        ids = [grid.grid_id for grid in grids]
        before = self._grids.select(
            *(getattr(GridRow, name) for name in ("county_id", *COLUMNS)),
            literal(grids[0].since).label("until"),
        ).where(GridRow.grid_id.in_(ids))
        self._tx.connection.execute(
            insert(GridPastRow).from_select(["county_id", *COLUMNS, "until"], before)
        )
        changed: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in COLUMNS if name not in ("grid_id", "node")
        }
        self._tx.connection.execute(
            update(self._grids.table)
            .where(self._grids.own, self._grids.c.grid_id == bindparam("key"))
            .values(changed),
            [
                {"key": grid.grid_id, **{f"new_{k}": v for k, v in _values(grid).items()}}
                for grid in grids
            ],
        )

    def get(self, grid_id: UUID) -> Grid:
        """One grid. Raises GridNotFound."""
        found = self._newest(GridRow.grid_id == grid_id)
        if not found:
            raise GridNotFound(grid_id=grid_id)
        return found[0]

    def find_all(self, grid_ids: Collection[UUID]) -> dict[UUID, Grid]:
        """Those of the grids that exist, by id."""
        if not grid_ids:
            return {}
        return {grid.grid_id: grid for grid in self._newest(GridRow.grid_id.in_(grid_ids))}

    def at(self, grid_id: UUID, moment: datetime) -> Grid | None:
        """The grid as it stood at a moment, in force then or not; None before its first state."""
        found = self._standing(moment, lambda row: [row.grid_id == grid_id])
        return found[0] if found else None

    def nodes_at(self, nodes: Collection[int], moment: datetime) -> list[Grid]:
        """The grids with these node numbers, as they stood at a moment."""
        return self._standing(moment, lambda row: [row.node.in_(nodes)])

    def above(self, path: str, moment: datetime | None) -> list[Grid]:
        """The grids above a path, nearest first, as they stand or stood at a moment."""
        trails = [trail_of(each) for each in paths_above(path)]
        if not trails:
            return []
        found = self._read(moment, lambda row: [row.trail.in_(trails)])
        return sorted(found, key=lambda grid: -grid.path.count("."))

    def below(self, paths: Collection[str]) -> list[Grid]:
        """The grids at or below the paths, those that ended included, in path order."""
        return self._newest(or_(false(), *(within(path) for path in paths)))

    def children(self, grid_ids: Collection[UUID]) -> list[Grid]:
        """The grids in force right below the grids."""
        return self._newest(GridRow.valid_to.is_(None), GridRow.parent_id.in_(grid_ids))

    def count_by_level(self) -> dict[str, int]:
        """How many grids in force each level has.

        Units and patches count only if their level differs from that of the grid that they lie in.
        """
        around = aliased(GridRow)
        rows = self._tx.connection.execute(
            select(GridRow.level_id, func.count())
            .outerjoin(around, same_county(GridRow, around, parent_id="grid_id"))
            .where(
                self._grids.own,
                GridRow.valid_to.is_(None),
                or_(
                    GridRow.kind.not_in(WITHIN_A_GRID),
                    around.level_id.is_distinct_from(GridRow.level_id),
                ),
            )
            .group_by(GridRow.level_id)
        )
        return {str(level_id): int(count) for level_id, count in rows}

    def count_by_unit_type(self) -> list[LevelGrids]:
        """How many grids in force each level has of each type of units."""
        rows = self._tx.connection.execute(
            select(GridRow.level_id, GridRow.unit_type, func.count())
            .where(self._grids.own, GridRow.valid_to.is_(None))
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
                self._grids.own,
                GridRow.valid_to.is_(None),
                GridRow.level_id.in_(level_ids),
            )
            .subquery()
        )
        rows = self._tx.connection.execute(
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
        return self._tx.connection.execute(
            select(GridRow.admin_code)
            .where(
                self._grids.own,
                GridRow.trail.in_([trail_of(each) for each in paths]),
                GridRow.admin_code.is_not(None),
            )
            .order_by(GridRow.trail.desc())
            .limit(1)
        ).scalar()

    def codes_in_force(self, codes: Collection[str]) -> set[str]:
        """Those of the codes that a grid in force has."""
        rows = self._tx.connection.execute(
            select(GridRow.admin_code).where(
                self._grids.own,
                GridRow.valid_to.is_(None),
                GridRow.admin_code.in_(codes),
            )
        )
        return {str(code) for (code,) in rows}

    def names_at(self, paths: Collection[str]) -> dict[str, tuple[UUID, str]]:
        """Ids and names of the grids at paths, those no longer in force too."""
        rows = self._grids.all(
            self._grids.select(GridRow.path, GridRow.grid_id, GridRow.name).where(
                GridRow.trail.in_([trail_of(path) for path in paths])
            )
        )
        return {row.path: (row.grid_id, row.name) for row in rows}

    def paths_below(self, path: str) -> list[str]:
        """Paths of the grids in force directly below one; of the county's roots for ``""``."""
        length = (len(trail_of(path)) if path else 0) + len(trail_of("1."))
        rows = self._grids.all(
            self._grids.select(GridRow.path).where(
                GridRow.valid_to.is_(None),
                GridRow.path != path,
                within(path),
                func.length(GridRow.trail) == length,
            )
        )
        return [row.path for row in rows]

    def named(self, names: Collection[str]) -> dict[str, list[tuple[UUID, str]]]:
        """Ids and paths of the grids in force that have one of the names."""
        found: dict[str, list[tuple[UUID, str]]] = {}
        ordered = list(names)
        for start in range(0, len(ordered), PER_STATEMENT):
            rows = self._grids.all(
                self._grids.select(GridRow.name, GridRow.grid_id, GridRow.path).where(
                    GridRow.valid_to.is_(None),
                    GridRow.name.in_(ordered[start : start + PER_STATEMENT]),
                )
            )
            for row in rows:
                found.setdefault(row.name, []).append((row.grid_id, row.path))
        return found

    def page(
        self,
        scopes: Sequence[str],
        filters: GridFilters,
        at: datetime,
        asked: PageRequest,
        *,
        history: bool = False,
    ) -> Page[Grid]:
        """Grids in any of the subtrees, in force at a moment, in path order.

        With ``history`` as they stood at that moment, otherwise as they stand now.
        """
        after = after_path(asked)
        found = self._in_force(scopes, filters, at, after, asked.size + 1, history=history)
        return page_of(found, asked, path_key)

    def all_in_force(self, at: datetime) -> list[Grid]:
        """Every grid in force at a moment, in path order, as it stands now."""
        return self._in_force(("",), GridFilters(), at, None, None, history=False)

    def _in_force(
        self,
        scopes: Sequence[str],
        filters: GridFilters,
        at: datetime,
        after: str | None,
        limit: int | None,
        *,
        history: bool,
    ) -> list[Grid]:
        def conditions(row: Table) -> Conditions:
            found: Conditions = [
                or_(false(), *(within_of(row, scope) for scope in scopes)),
                row.valid_from <= at,
                or_(row.valid_to.is_(None), row.valid_to > at),
                *_matching(row, filters),
            ]
            return found if after is None else [*found, row.trail > trail_of(after)]

        if history:
            return self._standing(at, conditions, limit)
        return self._newest(*conditions(GridRow), limit=limit)

    def states(self, grid_id: UUID, asked: PageRequest) -> Page[GridState]:
        """The states that a grid went through, newest first."""
        newest = self._select(GridRow, GridRow.grid_id == grid_id).add_columns(
            null().label("until")
        )
        past = self._select(GridPastRow, GridPastRow.grid_id == grid_id).add_columns(
            GridPastRow.until
        )
        every = union_all(newest, past).subquery()
        key = SortKey(every.c.version, descending=True)
        rows = read_page(self._tx.connection, select(every), key, asked)
        return rows.map(lambda row: GridState(_grid(row), row.until))

    def _newest(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Grid]:
        query = self._select(GridRow, *conditions).order_by(GridRow.trail).limit(limit)
        return [_grid(row) for row in self._tx.connection.execute(query)]

    def _read(self, moment: datetime | None, conditions: Asked) -> list[Grid]:
        if moment is None:
            return self._newest(*conditions(GridRow))
        return self._standing(moment, conditions)

    def _standing(
        self, moment: datetime, conditions: Asked, limit: int | None = None
    ) -> list[Grid]:
        """States that held at a moment, in path order: of each grid there is one at most."""
        newest = self._select(GridRow, GridRow.since <= moment, *conditions(GridRow))
        past = self._select(
            GridPastRow,
            GridPastRow.since <= moment,
            GridPastRow.until > moment,
            *conditions(GridPastRow),
        )
        every = union_all(
            *(
                select(query.add_columns(row.trail).order_by(row.trail).limit(limit).subquery(name))
                for query, row, name in ((newest, GridRow, "newest"), (past, GridPastRow, "past"))
            )
        ).subquery()
        rows = self._tx.connection.execute(select(every).order_by(every.c.trail).limit(limit))
        return [_grid(row) for row in rows]

    def _select(self, row: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
        table = self._grids if row is GridRow else self._past
        return table.select(*(getattr(row, name) for name in COLUMNS)).where(*conditions)


def _values(grid: Grid) -> dict[str, Any]:
    return {
        **{name: getattr(grid, name) for name in COLUMNS},
        "kind": grid.kind.value,
        "zones": list(grid.zones),
        "details": dict(grid.details),
    }


def _grid(row: Row[Any]) -> Grid:
    values = {name: getattr(row, name) for name in COLUMNS}
    return Grid(**{**values, "kind": GridKind(row.kind), "zones": tuple(row.zones)})


def _matching(row: Table, filters: GridFilters) -> Conditions:
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (filters.parent_id, row.parent_id == filters.parent_id),
        (filters.level_id, row.level_id == filters.level_id),
        (filters.admin_code, row.admin_code == filters.admin_code),
        (filters.name, row.name.contains(filters.name, autoescape=True)),
        (filters.kind, row.kind == filters.kind),
        (filters.zone, row.zones.any_() == filters.zone),
        (filters.local_code, row.local_code == filters.local_code),
    ]
    found = [condition for given, condition in wanted if given]
    return [*found, within_of(row, filters.under)] if filters.under else found
