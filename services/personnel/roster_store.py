"""People as records name them, in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, select

from services.personnel.models.people import PersonRow


class RosterStore:
    """One county's people, as records name them."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """The names of those of the people whom the county has."""
        rows = self._connection.execute(
            select(PersonRow.person_id, PersonRow.name).where(
                PersonRow.county_id == self._county_id, PersonRow.person_id.in_(people)
            )
        )
        return {row.person_id: row.name for row in rows}
