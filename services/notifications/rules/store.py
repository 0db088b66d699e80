"""Local copies of posts, leaves and contacts in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from services.notifications.rules.domain import Contact, Holder, StandIn
from services.notifications.rules.models import ContactRow, HolderRow, StandInRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction


class HolderStore:
    """One county's posts and contacts."""

    def __init__(self, tx: Transaction) -> None:
        self._holders = ScopedTable(tx, HolderRow)
        self._stand_ins = ScopedTable(tx, StandInRow)
        self._contacts = ScopedTable(tx, ContactRow)

    def keep(self, holder: Holder) -> None:
        """Keep a post unless a newer version of it is kept."""
        self._holders.keep_newest([asdict(holder)])

    def keep_contact(self, contact: Contact) -> None:
        """Keep a contact unless a newer version of it is kept."""
        self._contacts.keep_newest([asdict(contact)])

    def keep_stand_in(self, stand_in: StandIn) -> None:
        """Keep who stands in for a post unless a newer version of the leave is kept."""
        self._stand_ins.keep_newest([asdict(stand_in)])

    def stand_ins(self, posts: Collection[UUID], at: datetime) -> list[StandIn]:
        """Who stands in for the posts at a moment."""
        query = self._stand_ins.select_for(StandIn).where(
            StandInRow.post_id.in_(posts), StandInRow.valid_from <= at, StandInRow.valid_to > at
        )
        return [StandIn(*tuple(row)) for row in self._stand_ins.all(query)]

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Names of people, as far as they are known here."""
        query = self._contacts.select(ContactRow.person_id, ContactRow.display_name)
        rows = self._contacts.all(query.where(ContactRow.person_id.in_(people)))
        return {row.person_id: row.display_name for row in rows}

    def at_grids(self, grid_ids: Collection[UUID]) -> list[Holder]:
        """All who hold or held a post on one of the grids."""
        return self._of(HolderRow.grid_id.in_(grid_ids))

    def at_department(self, department_id: str) -> list[Holder]:
        """All who hold or held a post in the department."""
        return self._of(HolderRow.department_id == department_id)

    def at_county(self) -> list[Holder]:
        """All who hold or held a post at the county itself."""
        return self._of(and_(HolderRow.grid_id.is_(None), HolderRow.department_id.is_(None)))

    def _of(self, condition: ColumnElement[bool]) -> list[Holder]:
        query = self._holders.select_for(Holder).where(condition)
        return [Holder(*tuple(row)) for row in self._holders.all(query)]
