"""People in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, exists, insert, or_, select, true

from services.personnel.domain.people import Person, PersonEntry
from services.personnel.domain.posts import Viewer
from services.personnel.models.accounts import AccountRow
from services.personnel.models.people import PersonRow
from services.personnel.models.posts import PostRow
from services.personnel.post_store import within_reach


class PeopleStore:
    """One county's people."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, person: Person) -> None:
        """Record a new person."""
        values = {name: getattr(person, name) for name in Person.__slots__}
        self._connection.execute(insert(PersonRow).values(county_id=self._county_id, **values))

    def find(self, person_id: UUID) -> PersonEntry | None:
        """The person, or None."""
        row = self._connection.execute(
            self._people().where(PersonRow.person_id == person_id)
        ).first()
        return None if row is None else _entry(row)

    def known(self, people: Collection[UUID]) -> frozenset[UUID]:
        """Those of the people whom the county has."""
        query = select(PersonRow.person_id).where(
            PersonRow.county_id == self._county_id, PersonRow.person_id.in_(people)
        )
        return frozenset(self._connection.execute(query).scalars())

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Names of people."""
        query = select(PersonRow.person_id, PersonRow.name).where(
            PersonRow.county_id == self._county_id, PersonRow.person_id.in_(people)
        )
        return {row.person_id: row.name for row in self._connection.execute(query)}

    def page(self, viewer: Viewer, after: UUID | None, limit: int) -> list[PersonEntry]:
        """People whom the viewer may staff, in the order recorded."""
        query = self._people().where(self._reached_by(viewer))
        if after is not None:
            query = query.where(PersonRow.person_id > after)
        rows = self._connection.execute(query.order_by(PersonRow.person_id).limit(limit))
        return [_entry(row) for row in rows]

    def is_within(self, person_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may staff the person."""
        query = self._people().where(PersonRow.person_id == person_id, self._reached_by(viewer))
        return self._connection.execute(query).first() is not None

    def _people(self) -> Select[Any]:
        return (
            select(*(getattr(PersonRow, name) for name in Person.__slots__), AccountRow.username)
            .outerjoin(
                AccountRow,
                (AccountRow.county_id == PersonRow.county_id)
                & (AccountRow.person_id == PersonRow.person_id),
            )
            .where(PersonRow.county_id == self._county_id)
        )

    def _reached_by(self, viewer: Viewer) -> Any:
        """Oneself, who holds or held a post within reach, and who never held any."""
        if "" in viewer.paths:
            return true()
        theirs = (PostRow.county_id == self._county_id) & (PostRow.person_id == PersonRow.person_id)
        return or_(
            PersonRow.person_id == viewer.person_id,
            exists().where(theirs, within_reach(viewer)),
            ~exists().where(theirs),
        )


def _entry(row: Row[Any]) -> PersonEntry:
    person = Person(*(getattr(row, name) for name in Person.__slots__))
    return PersonEntry(person, row.username)
