"""People in PostgreSQL, what is personal of them sealed. Rows never leave this file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, select

from services.personnel.accounts.models import AccountRow
from services.personnel.people.domain.people import PeopleFilter, Person, PersonEntry
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.vault import Vault
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.permissions import staffable
from services.personnel.posts.store.posts import in_force
from services.personnel.roster.models import PersonRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

IDENTITY_NUMBER_USED = "uq_people_county_id_identity_number_index"
OPEN_FIELDS = tuple(name for name in Person.__slots__ if name not in set(SealedField))

OLDEST = SortKey(PersonRow.person_id)


class PeopleStore:
    """One county's people."""

    def __init__(self, tx: Transaction, vault: Vault | None) -> None:
        """Without a vault phones and identity numbers can be neither written nor read."""
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._keys = vault
        self._person_table = ScopedTable(tx, PersonRow)
        self._post_table = ScopedTable(tx, PostRow)

    def add(self, person: Person) -> None:
        """Record a new person; IntegrityError (IDENTITY_NUMBER_USED) where one was first."""
        values = self._values(person)
        self._person_table.insert(values)

    def save(self, person: Person, expected_version: int) -> None:
        """Keep the person's details. Raises Aborted where they are at another version."""
        self._person_table.save(self._values(person), expected_version)

    def find(self, person_id: UUID) -> PersonEntry | None:
        """The person, or None."""
        row = self._connection.execute(
            self._people().where(PersonRow.person_id == person_id)
        ).first()
        return None if row is None else self._entry(row)

    def some(self, people: Collection[UUID]) -> list[PersonEntry]:
        """Those of the people who are on record."""
        if not people:
            return []
        rows = self._connection.execute(self._people().where(PersonRow.person_id.in_(people)))
        return [self._entry(row) for row in rows]

    def phones(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Phones of those of the people who have one, in full."""
        return {
            each.person.person_id: each.person.phone
            for each in self.some(people)
            if each.person.phone
        }

    def having(
        self, field: SealedField, values: Collection[str], viewer: Viewer | None = None
    ) -> list[PersonEntry]:
        """The people whose field has exactly one of the values: all, or whom the viewer may staff."""
        column = getattr(PersonRow, f"{field}_index")
        indexes = [self._vault.index(self._county_id, field, value) for value in values]
        query = self._people().where(column.in_(indexes))
        if viewer is not None:
            query = query.where(staffable(PersonRow, viewer))
        return [self._entry(row) for row in self._connection.execute(query)]

    def page(self, viewer: Viewer, wanted: PeopleFilter, asked: PageRequest) -> Page[PersonEntry]:
        """People whom the viewer may staff, in the order recorded."""
        query = self._people().where(staffable(PersonRow, viewer), *self._wanted(wanted))
        return self._person_table.page(query, OLDEST, asked).map(self._entry)

    @property
    def _vault(self) -> Vault:
        """What seals. Raises LookupError in a process that has no keys to personal data."""
        if self._keys is None:
            raise LookupError("this process has no keys to personal data")
        return self._keys

    def _people(self) -> Select[Any]:
        return (
            select(PersonRow.__table__, AccountRow.username)
            .outerjoin(
                AccountRow,
                same_county(AccountRow, PersonRow, "person_id"),
            )
            .where(self._person_table.own)
        )

    def _wanted(self, wanted: PeopleFilter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.name:
            conditions.append(PersonRow.name.contains(wanted.name, autoescape=True))
        now_held = exists().where(
            self._post_table.own,
            PostRow.person_id == PersonRow.person_id,
            in_force(wanted.moment),
        )
        if wanted.role_type:
            conditions.append(now_held.where(PostRow.role_type == wanted.role_type))
        if wanted.without_post:
            conditions.append(~now_held)
        return conditions

    def _values(self, person: Person) -> dict[str, Any]:
        values = {name: getattr(person, name) for name in OPEN_FIELDS}
        for field in SealedField:
            value = getattr(person, field)
            sealed = index = None
            if value is not None:
                sealed = self._vault.seal(self._county_id, person.person_id, field, value)
                index = self._vault.index(self._county_id, field, value)
            values |= {f"{field}_sealed": sealed, f"{field}_index": index}
        return values

    def _entry(self, row: Row[Any]) -> PersonEntry:
        values = {name: getattr(row, name) for name in OPEN_FIELDS}
        for field in SealedField:
            sealed = getattr(row, f"{field}_sealed")
            values[field.value] = sealed and self._vault.open(
                self._county_id, row.person_id, field, sealed
            )
        return PersonEntry(Person(**values), row.username)
