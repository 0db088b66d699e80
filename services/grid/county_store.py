"""Counties in PostgreSQL. Rows never leave this file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.domain.counties import County, CountyExists, CountyState, CountyUnknown
from services.grid.models.counties import CountyRow, DirectoryRow
from shared.context import CITY
from shared.db.transaction import SET_COUNTY


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


def _county(row: Any) -> County:
    values = dict(zip(County.__slots__, row, strict=True))
    return County(**{**values, "state": CountyState(values["state"])})
