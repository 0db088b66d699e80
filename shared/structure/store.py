"""Questions to the local copy of the county's structure, and what feeds it."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Connection,
    Date,
    DateTime,
    Table,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from shared.db.statements import Statement
from shared.db.upsert import keep_newest
from shared.errors import NotFound, Text
from shared.structure.scheme import Scheme
from shared.structure.tables import StructureTables

CACHED_SCHEMES = 500


class GridNotFound(NotFound):
    """No such grid in the county."""

    reason = "GRID_NOT_FOUND"
    title = Text("Grid not found", "未找到网格")
    detail = Text("There is no grid {grid_id} in this county.", "本县没有编号为 {grid_id} 的网格。")


class StructureNotYetKnown(Exception):
    """The event that tells of a county, scheme or grid has not arrived yet; it will."""


@dataclass(frozen=True, slots=True)
class County:
    """What the copy knows of the county."""

    name: str
    admin_code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid as it stands now."""

    grid_id: UUID
    version: int
    parent_id: UUID | None
    path: str
    level_id: str
    rank: str
    unit_type: str
    name: str
    admin_code: str | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class _Statements:
    """The questions that nearly every request asks."""

    county: Statement
    grid: Statement
    version_on: Statement
    version_now: Statement


@cache
def _statements_of(tables: StructureTables) -> _Statements:
    counties, grids, schemes = tables.counties, tables.grids, tables.schemes
    county_id: BindParameter[str] = bindparam("county_id")
    local = func.timezone(counties.c.time_zone, bindparam("now", type_=DateTime(timezone=True)))
    newest = (
        select(schemes.c.version)
        .where(schemes.c.county_id == county_id)
        .order_by(schemes.c.effective_on.desc(), schemes.c.version.desc())
        .limit(1)
    )
    return _Statements(
        county=Statement(
            select(counties.c.name, counties.c.admin_code, counties.c.time_zone).where(
                counties.c.county_id == county_id
            )
        ),
        grid=Statement(
            select(*_grid_columns(grids)).where(
                grids.c.county_id == county_id, grids.c.grid_id == bindparam("grid_id")
            )
        ),
        version_on=Statement(newest.where(schemes.c.effective_on <= bindparam("day"))),
        version_now=Statement(
            newest.join(counties, counties.c.county_id == schemes.c.county_id).where(
                schemes.c.effective_on <= cast(local, Date)
            )
        ),
    )


class Structure:
    """One county's structure within one transaction."""

    _schemes: ClassVar[OrderedDict[tuple[str, int], Scheme]] = OrderedDict()
    """Published versions never change, so they are read once a process."""

    def __init__(self, connection: Connection, tables: StructureTables, county_id: str) -> None:
        self._connection = connection
        self._tables = tables
        self._statements = _statements_of(tables)
        self._county_id = county_id

    def county(self) -> County:
        """The county. Raises StructureNotYetKnown."""
        row = self._statements.county.first(self._connection, county_id=self._county_id)
        if row is None:
            raise StructureNotYetKnown(f"county {self._county_id}")
        return County(*tuple(row))

    def scheme_now(self, now: datetime) -> Scheme:
        """The scheme in force at a moment, on the county's own day. Raises StructureNotYetKnown."""
        found = self._statements.version_now.first(
            self._connection, county_id=self._county_id, now=now
        )
        if found is None:
            raise StructureNotYetKnown(f"county {self._county_id}, or its scheme at {now}")
        return self.scheme(found.version)

    def scheme_on(self, day: date) -> Scheme:
        """The scheme in force on a day in the county. Raises StructureNotYetKnown."""
        found = self._statements.version_on.first(
            self._connection, county_id=self._county_id, day=day
        )
        if found is None:
            raise StructureNotYetKnown(f"scheme of county {self._county_id} on {day}")
        return self.scheme(found.version)

    def scheme(self, version: int) -> Scheme:
        """One published version. Raises StructureNotYetKnown."""
        key = (self._county_id, version)
        if (known := self._schemes.get(key)) is not None:
            return known
        table = self._tables.schemes
        document = self._connection.execute(
            select(table.c.document).where(
                table.c.county_id == self._county_id, table.c.version == version
            )
        ).scalar()
        if document is None:
            raise StructureNotYetKnown(f"scheme {version} of county {self._county_id}")
        scheme = self._schemes[key] = Scheme(version, document)
        if len(self._schemes) > CACHED_SCHEMES:
            self._schemes.popitem(last=False)
        return scheme

    def find_grid(self, grid_id: UUID) -> Grid | None:
        """The grid, or None where the copy does not know it (yet)."""
        row = self._statements.grid.first(
            self._connection, county_id=self._county_id, grid_id=grid_id
        )
        return None if row is None else _grid(row)

    def grid(self, grid_id: UUID) -> Grid:
        """The grid. Raises GridNotFound: for requests, where the caller named it."""
        if (grid := self.find_grid(grid_id)) is None:
            raise GridNotFound(grid_id=grid_id)
        return grid

    def awaited_grid(self, grid_id: UUID) -> Grid:
        """The grid. Raises StructureNotYetKnown: for events, whose producer knew it."""
        if (grid := self.find_grid(grid_id)) is None:
            raise StructureNotYetKnown(f"grid {grid_id} of county {self._county_id}")
        return grid

    def scheme_at(self, scheme: Scheme, grid: Grid | None) -> Scheme:
        """The scheme as it holds at the grid, by the township it lies in; None is no place."""
        if grid is None or not scheme.has_overrides:
            return scheme
        above = self.upward(grid.path) if grid.admin_code is None else [grid]
        return scheme.in_township(next((g.admin_code for g in above if g.admin_code), None))

    def upward(self, path: str) -> list[Grid]:
        """The grid at ``path`` and all above it, nearest first."""
        nodes = path.rstrip(".").split(".")
        paths = [".".join(nodes[:depth]) + "." for depth in range(len(nodes), 0, -1)]
        table = self._tables.grids
        rows = self._connection.execute(
            select(*_grid_columns(table)).where(
                table.c.county_id == self._county_id, table.c.path.in_(paths)
            )
        )
        return sorted((_grid(row) for row in rows), key=lambda grid: -len(grid.path))

    def apply_county(self, version: int, data: Mapping[str, Any]) -> None:
        """Keep the county unless a newer version is kept."""
        self._upsert(self._tables.counties, [{**data, "version": version}])

    def apply_scheme(self, data: Mapping[str, Any]) -> None:
        """Keep a published version; the same again changes nothing."""
        statement = insert(self._tables.schemes).values(county_id=self._county_id, **data)
        self._connection.execute(statement.on_conflict_do_nothing())

    def apply_grids(self, grids: Sequence[Mapping[str, Any]]) -> None:
        """Keep the grids, each unless a newer version of it is kept."""
        self._upsert(self._tables.grids, grids)

    def _upsert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        keep_newest(
            self._connection, table, [{**row, "county_id": self._county_id} for row in rows]
        )


def _grid_columns(table: Table) -> list[Any]:
    return [table.c[name] for name in Grid.__slots__]


def _grid(row: Iterable[Any]) -> Grid:
    return Grid(*tuple(row))
