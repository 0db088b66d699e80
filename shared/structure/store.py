"""Reads and writes the local copy of the county's structure."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    Table,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import LateralFromClause

from shared.db.statements import Statement
from shared.db.upsert import keep_newest
from shared.structure.errors import GridNotFound as GridNotFound  # noqa: PLC0414 - named here too
from shared.structure.scheme import Scheme
from shared.structure.tables import StructureTables

CACHED_SCHEMES = 500
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""The start of a state whose start is not known."""
HIGHEST = 100
"""The limit of a walk up the tree, should a copy ever contain a cycle; real trees are far lower."""


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
    """A grid in one of its states: as it stands, or stood, from ``since`` on."""

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
    since: datetime = BEGINNING
    kind: str = "territorial"
    local_code: str | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the grid is in force at a moment, going by this state."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The queries that most requests need."""

    county: Statement
    grid: Statement
    version_on: Statement
    version_now: Statement
    upward_at: Statement


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
        upward_at=Statement(_upward_at(tables)),
    )


def _upward_at(tables: StructureTables) -> Select[Any]:
    """The states, at a moment, of a grid and of all above it then, nearest first."""
    moment = bindparam("moment", type_=DateTime(timezone=True))
    states = [
        select(*_grid_columns(table)).where(
            table.c.county_id == bindparam("county_id"), table.c.since <= moment
        )
        for table in (tables.grids, tables.past)
    ]

    def state_of(grid_id: ColumnElement[Any]) -> LateralFromClause:
        every = union_all(*states).subquery()
        newest = select(every).where(every.c.grid_id == grid_id).order_by(every.c.version.desc())
        return newest.limit(1).lateral()

    own = state_of(bindparam("grid_id", type_=Uuid()))
    upward = select(own, literal(0).label("height")).cte("upward", recursive=True)
    above = state_of(upward.c.parent_id)
    step = select(above, upward.c.height + 1).select_from(upward.join(above, true()))
    upward = upward.union_all(step.where(upward.c.height < HIGHEST))
    return select(*(upward.c[name] for name in Grid.__slots__)).order_by(upward.c.height)


class Structure:
    """One county's structure within one transaction. Grids that were read are kept until `forget`."""

    _schemes: ClassVar[OrderedDict[tuple[str, int], Scheme]] = OrderedDict()
    """Published versions never change, so a process keeps up to CACHED_SCHEMES of them."""

    def __init__(self, connection: Connection, tables: StructureTables, county_id: str) -> None:
        self._connection = connection
        self._tables = tables
        self._statements = _statements_of(tables)
        self._county_id = county_id
        self._read: dict[UUID, Grid] = {}
        self._at_path: dict[str, Grid] = {}

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
        if (read := self._read.get(grid_id)) is not None:
            return read
        row = self._statements.grid.first(
            self._connection, county_id=self._county_id, grid_id=grid_id
        )
        return None if row is None else self._remember(_grid(row))

    def read_ahead(self, grid_ids: Collection[UUID]) -> None:
        """Read grids and all above them, in two queries however many they are.

        Later reads of these grids in the transaction need no further query.
        """
        grids = self._tables.grids
        wanted = [grid_id for grid_id in grid_ids if grid_id not in self._read]
        if wanted:
            self._read_where(grids.c.grid_id.in_(wanted))
        known = [self._read[grid_id] for grid_id in grid_ids if grid_id in self._read]
        self._read_paths({path for grid in known for path in _paths_upward(grid.path)})

    def forget(self) -> None:
        """Forget the grids that were read, as is necessary after waiting for a lock."""
        self._read.clear()
        self._at_path.clear()

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
        """The scheme as it holds at the grid, by the township it lies in; None stands for no place."""
        if grid is None or not scheme.has_overrides:
            return scheme
        above = self.upward(grid.path) if grid.admin_code is None else [grid]
        return scheme.in_township(next((g.admin_code for g in above if g.admin_code), None))

    def upward(self, path: str) -> list[Grid]:
        """The grid at ``path`` and all above it, nearest first."""
        paths = _paths_upward(path)
        self._read_paths(paths)
        return [self._at_path[each] for each in paths if each in self._at_path]

    def upward_at(self, grid_id: UUID, moment: datetime) -> list[Grid]:
        """The grid and all above it as they stood at a moment, nearest first.

        Empty where the grid was not there yet. States that are no longer in force are given too.
        """
        rows = self._statements.upward_at.all(
            self._connection, county_id=self._county_id, grid_id=grid_id, moment=moment
        )
        return [_grid(row) for row in rows]

    def apply_county(self, version: int, data: Mapping[str, Any]) -> None:
        """Keep the county unless a newer version is kept."""
        self._upsert(self._tables.counties, [{**data, "version": version}])

    def apply_scheme(self, data: Mapping[str, Any]) -> None:
        """Keep a published version; the same again changes nothing."""
        statement = insert(self._tables.schemes).values(county_id=self._county_id, **data)
        self._connection.execute(statement.on_conflict_do_nothing())

    def apply_grids(self, grids: Sequence[Mapping[str, Any]]) -> None:
        """Keep states of grids: of each the newest as it stands now, the others as past.

        Whatever the order in which they come, and however often, the same is kept in the end.
        """
        self.forget()
        rows = [self._state(row) for row in grids]
        states = {(row["grid_id"], row["version"]): row for row in rows}
        ordered = [states[key] for key in sorted(states)]
        newest = {row["grid_id"]: row for row in ordered}
        added = self._add_new(list(newest.values()))
        kept = self._locked([grid_id for grid_id in newest if grid_id not in added])
        past = [row for row in ordered if row is not newest[row["grid_id"]]]
        ahead = []
        for grid_id, known in kept.items():
            row = newest[grid_id]
            if row["version"] > known["version"]:
                ahead.append(row)
                past.append(known)
            elif row["version"] < known["version"]:
                past.append(row)
        if past:
            self._connection.execute(insert(self._tables.past).on_conflict_do_nothing(), past)
        if ahead:
            keep_newest(self._connection, self._tables.grids, ahead)

    def _read_paths(self, paths: Collection[str]) -> None:
        """Read the grids at these paths, except those that were read before."""
        if unread := [path for path in paths if path not in self._at_path]:
            self._read_where(self._tables.grids.c.path.in_(unread))

    def _read_where(self, condition: ColumnElement[bool]) -> None:
        table = self._tables.grids
        query = select(*_grid_columns(table)).where(table.c.county_id == self._county_id, condition)
        for row in self._connection.execute(query):
            self._remember(_grid(row))

    def _remember(self, grid: Grid) -> Grid:
        self._read[grid.grid_id] = self._at_path[grid.path] = grid
        return grid

    def _state(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A state as a row; values that events of the previous release lack follow from the others."""
        return {
            **row,
            "county_id": self._county_id,
            "grid_id": UUID(str(row["grid_id"])),
            "since": row.get("since") or row["valid_from"],
            "kind": row.get("kind") or "territorial",
            "local_code": row.get("local_code"),
        }

    def _add_new(self, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
        """Add the grids that the copy does not know at all, and return their ids."""
        table = self._tables.grids
        statement = insert(table).values([dict(row) for row in rows])
        added = self._connection.execute(
            statement.on_conflict_do_nothing().returning(table.c.grid_id)
        )
        return set(added.scalars())

    def _locked(self, grid_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """The newest states that the copy has, locked until the transaction ends."""
        if not grid_ids:
            return {}
        table = self._tables.grids
        rows = self._connection.execute(
            select(table)
            .where(table.c.county_id == self._county_id, table.c.grid_id.in_(grid_ids))
            .order_by(table.c.grid_id)
            .with_for_update()
        )
        return {row.grid_id: dict(row._mapping) for row in rows}  # noqa: SLF001 - its public way

    def _upsert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        keep_newest(
            self._connection, table, [{**row, "county_id": self._county_id} for row in rows]
        )


def _paths_upward(path: str) -> list[str]:
    """The path and all above it, the longest first."""
    nodes = path.rstrip(".").split(".")
    return [".".join(nodes[:depth]) + "." for depth in range(len(nodes), 0, -1)]


def _grid_columns(table: Table) -> list[Any]:
    return [table.c[name] for name in Grid.__slots__]


def _grid(row: Iterable[Any]) -> Grid:
    return Grid(*tuple(row))
