"""The states of a county in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict

from sqlalchemy import insert, select

from services.grid.city.domain import CountyState
from services.grid.counties.domain import StateEntry
from services.grid.counties.models import CountyStateRow
from shared.db.transaction import Transaction


class CountyStateStore:
    """When and why the county was suspended and resumed."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, entry: StateEntry) -> None:
        """Write how the county came to a new state."""
        self._connection.execute(
            insert(CountyStateRow).values(
                **{**asdict(entry), "state": entry.state.value}, county_id=self._county_id
            )
        )

    def page(self, before: int | None, limit: int) -> list[StateEntry]:
        """Changes of the county's state, the newest first, before one of them."""
        columns = [getattr(CountyStateRow, name) for name in StateEntry.__slots__]
        query = select(*columns).where(CountyStateRow.county_id == self._county_id)
        if before is not None:
            query = query.where(CountyStateRow.version < before)
        rows = self._connection.execute(query.order_by(CountyStateRow.version.desc()).limit(limit))
        return [StateEntry(row.version, CountyState(row.state), *tuple(row)[2:]) for row in rows]
