"""Local copies of posts, leaves and contacts in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, FromClause, and_, select

from services.notifications.rules.domain import Contact, Holder, StandIn
from services.notifications.rules.models import ContactRow, HolderRow, StandInRow
from shared.db.upsert import keep_newest


class HolderStore:
    """One county's posts and contacts."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def keep(self, holder: Holder) -> None:
        """Keep a post unless a newer version of it is kept."""
        self._keep(HolderRow.__table__, asdict(holder))

    def keep_contact(self, contact: Contact) -> None:
        """Keep a contact unless a newer version of it is kept."""
        self._keep(ContactRow.__table__, asdict(contact))

    def keep_stand_in(self, stand_in: StandIn) -> None:
        """Keep who stands in for a post unless a newer version of the leave is kept."""
        self._keep(StandInRow.__table__, asdict(stand_in))

    def stand_ins(self, posts: Collection[UUID], at: datetime) -> list[StandIn]:
        """Who stands in for the posts at a moment."""
        rows = self._connection.execute(
            select(*(getattr(StandInRow, name) for name in StandIn.__slots__)).where(
                StandInRow.county_id == self._county_id,
                StandInRow.post_id.in_(posts),
                StandInRow.valid_from <= at,
                StandInRow.valid_to > at,
            )
        )
        return [StandIn(*tuple(row)) for row in rows]

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Names of people, as far as they are known here."""
        query = select(ContactRow.person_id, ContactRow.display_name).where(
            ContactRow.county_id == self._county_id, ContactRow.person_id.in_(people)
        )
        return {row.person_id: row.display_name for row in self._connection.execute(query)}

    def at_grid(self, grid_id: UUID) -> list[Holder]:
        """All who hold or held a post on the grid."""
        return self._holders(HolderRow.grid_id == grid_id)

    def at_department(self, department_id: str) -> list[Holder]:
        """All who hold or held a post in the department."""
        return self._holders(HolderRow.department_id == department_id)

    def at_county(self) -> list[Holder]:
        """All who hold or held a post at the county itself."""
        return self._holders(and_(HolderRow.grid_id.is_(None), HolderRow.department_id.is_(None)))

    def _keep(self, table: FromClause, values: dict[str, Any]) -> None:
        keep_newest(self._connection, table, [{**values, "county_id": self._county_id}])

    def _holders(self, condition: Any) -> list[Holder]:
        columns = [getattr(HolderRow, name) for name in Holder.__slots__]
        rows = self._connection.execute(
            select(*columns).where(HolderRow.county_id == self._county_id, condition)
        )
        return [Holder(*tuple(row)) for row in rows]
