"""Counties in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update

from services.grid.city.domain import COUNTY_ID, County, CountyExists, CountyState, CountyUnknown
from services.grid.city.models import CountyRow, DirectoryRow
from services.grid.city.store.tenant import as_city
from shared.context import CITY
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

BY_ID = SortKey(DirectoryRow.listed_id, pattern=COUNTY_ID)
LISTED = ("listed_id", *County.__slots__[1:])


class CountyStore:
    """The transaction's county, and the city's directory of all."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._counties = ScopedTable(tx, CountyRow)
        self._directory = ScopedTable(tx, DirectoryRow)

    def add(self, county: County) -> None:
        """Write a new county, and list it in the city's directory. Raises CountyExists.

        The directory's rows belong to the city, so that listing counties reads no county's own
        rows, and every table keeps the one policy. For that the transaction turns to the city for
        the one row (ADR 13): fed by an event instead, the directory would miss for a moment what
        was just created.
        """
        values = {**asdict(county), "state": county.state.value}
        if not self._counties.insert_new([{**values, "last_node": 0}]):
            raise CountyExists(county_id=county.county_id)
        entry = {**values, "listed_id": county.county_id, "county_id": CITY}
        with as_city(self._tx):
            self._tx.connection.execute(insert(DirectoryRow).values(**entry))

    def get(self) -> County:
        """The transaction's county. Raises CountyUnknown."""
        row = self._counties.first(self._counties.select_for(County))
        if row is None:
            raise CountyUnknown(county_id=self._tx.county_id)
        return _county(row)

    def directory(self, asked: PageRequest) -> Page[County]:
        """All counties of the city, by id; for a transaction of the city."""
        columns = [self._directory.c[name] for name in LISTED]
        return self._directory.page(self._directory.select(*columns), BY_ID, asked).map(_county)

    def is_suspended(self) -> bool:
        """Whether the county is suspended; one that does not exist is not."""
        row = self._counties.first(self._counties.select(CountyRow.state))
        return row is not None and row.state == CountyState.SUSPENDED.value

    def set_state(self, county: County) -> None:
        """Write the county's new state and version, in the city's directory too."""
        changed = {"state": county.state.value, "version": county.version}
        self._counties.update(changed)
        listed = (DirectoryRow.county_id == CITY, DirectoryRow.listed_id == county.county_id)
        with as_city(self._tx):
            self._tx.connection.execute(update(DirectoryRow).where(*listed).values(**changed))

    def lock(self) -> None:
        """Keep others from making or changing grids in the county until this transaction ends."""
        query = self._counties.select(CountyRow.last_node)
        self._counties.first(query.with_for_update(key_share=True))

    def take_nodes(self, count: int) -> int:
        """Reserve node numbers; returns the first. Others wait until this transaction ends."""
        self._counties.update({"last_node": CountyRow.last_node + count})
        last: int = self._counties.first(self._counties.select(CountyRow.last_node)).last_node
        return last - count + 1


def _county(row: Any) -> County:
    values = dict(zip(County.__slots__, row, strict=True))
    return County(**{**values, "state": CountyState(values["state"])})
