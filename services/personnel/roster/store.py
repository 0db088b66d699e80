"""People as records name them, in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.personnel.roster.models import PersonRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction


class RosterStore:
    """One county's people, as records name them."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._person_table = ScopedTable(tx, PersonRow)

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """The names of those of the people whom the county has."""
        rows = self._connection.execute(
            select(PersonRow.person_id, PersonRow.name).where(
                self._person_table.own, PersonRow.person_id.in_(people)
            )
        )
        return {row.person_id: row.name for row in rows}

    def called(self, names: Collection[str]) -> dict[str, list[UUID]]:
        """The people by each of the names."""
        rows = self._connection.execute(
            select(PersonRow.person_id, PersonRow.name)
            .where(self._person_table.own, PersonRow.name.in_(names))
            .order_by(PersonRow.person_id)
        )
        found: dict[str, list[UUID]] = {}
        for row in rows:
            found.setdefault(row.name, []).append(row.person_id)
        return found
