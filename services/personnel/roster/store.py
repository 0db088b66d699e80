"""People as records name them, in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, or_, select, true

from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.posts import within_reach
from services.personnel.roster.models import PersonRow


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

    def called(self, names: Collection[str]) -> dict[str, list[UUID]]:
        """The people by each of the names."""
        rows = self._connection.execute(
            select(PersonRow.person_id, PersonRow.name)
            .where(PersonRow.county_id == self._county_id, PersonRow.name.in_(names))
            .order_by(PersonRow.person_id)
        )
        found: dict[str, list[UUID]] = {}
        for row in rows:
            found.setdefault(row.name, []).append(row.person_id)
        return found

    def staffed(self, people: Collection[UUID], viewer: Viewer) -> frozenset[UUID]:
        """Those of the people whom the viewer may staff: who never held a post is everybody's."""
        held = exists().where(
            PostRow.county_id == self._county_id, PostRow.person_id == PersonRow.person_id
        )
        rows = self._connection.execute(
            select(PersonRow.person_id).where(
                PersonRow.county_id == self._county_id,
                PersonRow.person_id.in_(people),
                or_(readable(PersonRow.person_id, self._county_id, viewer), ~held),
            )
        )
        return frozenset(rows.scalars())

    def is_within(self, person_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may read the person's records."""
        query = select(PersonRow.person_id).where(
            PersonRow.county_id == self._county_id,
            PersonRow.person_id == person_id,
            readable(PersonRow.person_id, self._county_id, viewer),
        )
        return self._connection.execute(query).first() is not None


def readable(person_id: Any, county_id: str, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may read the records of the person in the column.

    So it is with oneself, and with those who hold or held a post within the viewer's reach.
    """
    if "" in viewer.paths:
        return true()
    theirs = (PostRow.county_id == county_id) & (PostRow.person_id == person_id)
    return or_(person_id == viewer.person_id, exists().where(theirs, within_reach(viewer)))
