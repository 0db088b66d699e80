"""Counties in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.city.domain import County, CountyExists, CountyState, CountyUnknown
from services.grid.city.models import CountyRow, DirectoryRow
from services.grid.city.store.tenant import as_city
from shared.context import CITY
from shared.db.transaction import Transaction


class CountyStore:
    """The transaction's county, and the city's directory of all."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, county: County) -> None:
        """Write a new county, and list it in the city's directory. Raises CountyExists.

        The directory's rows belong to the city, so that listing counties needs no look into any
        county's own rows, and every table keeps the one policy. For that the
        transaction turns to the city for the one row (ADR 13): fed by an event instead, the directory would
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
        with as_city(self._connection, self._county_id):
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

    def is_suspended(self) -> bool:
        """Whether the county is suspended; one that does not exist is not."""
        state = self._connection.execute(
            select(CountyRow.state).where(CountyRow.county_id == self._county_id)
        ).scalar()
        return state == CountyState.SUSPENDED.value

    def set_state(self, county: County) -> None:
        """Write the county's new state and version, in the city's directory too."""
        changed = {"state": county.state.value, "version": county.version}
        self._connection.execute(
            update(CountyRow).where(CountyRow.county_id == self._county_id).values(**changed)
        )
        with as_city(self._connection, self._county_id):
            self._connection.execute(
                update(DirectoryRow)
                .where(DirectoryRow.county_id == CITY, DirectoryRow.listed_id == self._county_id)
                .values(**changed)
            )

    def lock(self) -> None:
        """Keep others from making or changing grids in the county until this transaction ends."""
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


def _county(row: Any) -> County:
    values = dict(zip(County.__slots__, row, strict=True))
    return County(**{**values, "state": CountyState(values["state"])})
