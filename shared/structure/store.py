"""Questions to the local copy of the county's structure, and what feeds it."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Table, select
from sqlalchemy.dialects.postgresql import insert

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


class Structure:
    """One county's structure within one transaction."""

    _schemes: ClassVar[OrderedDict[tuple[str, int], Scheme]] = OrderedDict()
    """Published versions never change, so they are read once a process."""

    def __init__(self, connection: Connection, tables: StructureTables, county_id: str) -> None:
        self._connection = connection
        self._tables = tables
        self._county_id = county_id

    def county(self) -> County:
        """The county. Raises StructureNotYetKnown."""
        table = self._tables.counties
        row = self._connection.execute(
            select(table.c.name, table.c.admin_code, table.c.time_zone).where(
                table.c.county_id == self._county_id
            )
        ).first()
        if row is None:
            raise StructureNotYetKnown(f"county {self._county_id}")
        return County(*row)

    def scheme_now(self, now: datetime) -> Scheme:
        """The scheme in force at a moment, on the county's own day. Raises StructureNotYetKnown."""
        zone = ZoneInfo(self.county().time_zone)
        return self.scheme_on(now.astimezone(zone).date())

    def scheme_on(self, day: date) -> Scheme:
        """The scheme in force on a day in the county. Raises StructureNotYetKnown."""
        table = self._tables.schemes
        version = self._connection.execute(
            select(table.c.version)
            .where(table.c.county_id == self._county_id, table.c.effective_on <= day)
            .order_by(table.c.effective_on.desc(), table.c.version.desc())
            .limit(1)
        ).scalar()
        if version is None:
            raise StructureNotYetKnown(f"scheme of county {self._county_id} on {day}")
        return self.scheme(version)

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
        table = self._tables.grids
        row = self._connection.execute(
            select(*_grid_columns(table)).where(
                table.c.county_id == self._county_id, table.c.grid_id == grid_id
            )
        ).first()
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


def _grid(row: Row[Any]) -> Grid:
    return Grid(*tuple(row))
