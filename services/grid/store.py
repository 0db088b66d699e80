"""Counties, schemes and grids in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid import models, schemas
from services.grid.domain import (
    County,
    CountyExists,
    CountyState,
    CountyUnknown,
    Grid,
    GridFilters,
    SchemeNotInForce,
    SchemeVersion,
)
from services.grid.models import CountyRow, DirectoryRow, GridRow, SchemeRow
from shared.context import CITY, RequestContext
from shared.db.transaction import SET_COUNTY, Transaction
from shared.structure.store import GridNotFound

AFTER_DOT = chr(ord(".") + 1)


class CountyStore:
    """The transaction's county, and the city's directory of all."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, county: County) -> None:
        """Write a new county, and list it in the city's directory. Raises CountyExists.

        The directory's rows belong to the city, so that listing counties needs no look into any
        county's own rows, and every table keeps the one policy. This is the one place where a
        transaction turns to another tenant (ADR 13): fed by an event instead, the directory would
        miss for a moment what was just created.
        """
        values = {**asdict(county), "state": county.state.value}
        added = self._connection.execute(
            upsert(CountyRow)
            .values(**values, last_node=0)
            .on_conflict_do_nothing()
            .returning(CountyRow.county_id)
        )
        if added.first() is None:
            raise CountyExists(county_id=county.county_id)
        entry = {**values, "listed_id": county.county_id, "county_id": CITY}
        with self._as_city():
            self._connection.execute(insert(DirectoryRow).values(**entry))

    def get(self) -> County:
        """The transaction's county. Raises CountyUnknown."""
        columns = [getattr(CountyRow, name) for name in County.__slots__]
        row = self._connection.execute(
            select(*columns).where(CountyRow.county_id == self._county_id)
        ).first()
        if row is None:
            raise CountyUnknown(county_id=self._county_id)
        return _county(row)

    def directory(self, after: str | None, limit: int) -> list[County]:
        """All counties of the city, by id; for a transaction of the city."""
        names = ("listed_id", *County.__slots__[1:])
        query = select(*(getattr(DirectoryRow, name) for name in names)).where(
            DirectoryRow.county_id == self._county_id
        )
        if after is not None:
            query = query.where(DirectoryRow.listed_id > after)
        rows = self._connection.execute(query.order_by(DirectoryRow.listed_id).limit(limit))
        return [_county(row) for row in rows]

    @contextmanager
    def _as_city(self) -> Iterator[None]:
        self._connection.execute(SET_COUNTY, {"county": CITY})
        yield
        self._connection.execute(SET_COUNTY, {"county": self._county_id})


class SchemeStore:
    """Published versions of the county's scheme."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, scheme: SchemeVersion) -> None:
        """Write a new version."""
        self._connection.execute(
            insert(SchemeRow).values(
                county_id=self._county_id,
                version=scheme.version,
                effective_on=scheme.effective_on,
                document=scheme.document,
                published_at=scheme.published_at,
            )
        )

    def on(self, day: date) -> SchemeVersion:
        """The version in force on a day. Raises SchemeNotInForce."""
        columns = [getattr(SchemeRow, name) for name in SchemeVersion.__slots__]
        row = self._connection.execute(
            select(*columns)
            .where(SchemeRow.county_id == self._county_id, SchemeRow.effective_on <= day)
            .order_by(SchemeRow.effective_on.desc(), SchemeRow.version.desc())
            .limit(1)
        ).first()
        if row is None:
            raise SchemeNotInForce(day=day.isoformat())
        return SchemeVersion(*tuple(row))


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


class GridTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection, context, service="grid", tables=models.PLATFORM, events=schemas.EVENTS
        )
        self.counties = CountyStore(connection, context.county_id)
        self.schemes = SchemeStore(connection, context.county_id)
        self.grids = GridStore(connection, context.county_id)


make_transaction = GridTransaction


def _trail(path: str) -> str:
    """The path as the trail has it: every node as seven digits."""
    return "".join(f"{int(node):07}." for node in path.rstrip(".").split("."))


def _within(scope: str) -> ColumnElement[bool]:
    """The subtree at a path, as a range of the index; the empty path is the whole county."""
    if not scope:
        return true()
    first = _trail(scope)
    return and_(GridRow.trail >= first, GridRow.trail < first[:-1] + AFTER_DOT)


def _matching(filters: GridFilters) -> list[ColumnElement[bool]]:
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (filters.parent_id, GridRow.parent_id == filters.parent_id),
        (filters.level_id, GridRow.level_id == filters.level_id),
        (filters.admin_code, GridRow.admin_code == filters.admin_code),
        (filters.name, GridRow.name.contains(filters.name, autoescape=True)),
    ]
    return [condition for given, condition in wanted if given]


def _county(row: Any) -> County:
    values = dict(zip(County.__slots__, row, strict=True))
    return County(**{**values, "state": CountyState(values["state"])})
