"""The states of a county in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any

from services.grid.city.domain import CountyState
from services.grid.counties.domain import StateEntry
from services.grid.counties.models import CountyStateRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NEWEST = SortKey(CountyStateRow.version, descending=True)


class CountyStateStore:
    """When and why the county was suspended and resumed."""

    def __init__(self, tx: Transaction) -> None:
        self._states = ScopedTable(tx, CountyStateRow)

    def add(self, entry: StateEntry) -> None:
        """Write how the county came to a new state."""
        self._states.insert({**asdict(entry), "state": entry.state.value})

    def page(self, asked: PageRequest) -> Page[StateEntry]:
        """Changes of the county's state, the newest first."""
        return self._states.page(self._states.select_for(StateEntry), NEWEST, asked).map(_entry)


def _entry(row: Any) -> StateEntry:
    return StateEntry(row.version, CountyState(row.state), *tuple(row)[2:])
