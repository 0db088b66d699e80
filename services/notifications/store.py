"""Notices and the local copies of posts in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, FromClause, Select, and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from services.notifications import models, schemas
from services.notifications.domain import Contact, HandOver, Holder, Notice, NoticeNotFound, StandIn
from services.notifications.models import ContactRow, HolderRow, NoticeRow, StandInRow
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.db.upsert import keep_newest
from shared.errors import Aborted
from shared.structure.store import Structure


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


class NoticeStore:
    """One county's notices."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, notices: Sequence[Notice]) -> list[Notice]:
        """Write new notices and return those: one sent for the event to the person already stays."""
        if not notices:
            return []
        rows = [{**asdict(notice), "county_id": self._county_id} for notice in notices]
        written = self._connection.execute(
            insert(NoticeRow).values(rows).on_conflict_do_nothing().returning(NoticeRow.notice_id)
        )
        new = set(written.scalars())
        return [notice for notice in notices if notice.notice_id in new]

    def get(self, notice_id: UUID, person_id: UUID) -> Notice:
        """One notice of the person, kept from others' changes. Raises NoticeNotFound."""
        row = self._connection.execute(
            self._select()
            .where(NoticeRow.notice_id == notice_id, NoticeRow.person_id == person_id)
            .with_for_update()
        ).first()
        if row is None:
            raise NoticeNotFound(notice_id=notice_id)
        return Notice(*tuple(row))

    def save(self, notice: Notice) -> None:
        """Keep a changed notice. Raises Aborted when it was changed in between."""
        changed = self._connection.execute(
            update(NoticeRow)
            .where(
                NoticeRow.county_id == self._county_id,
                NoticeRow.notice_id == notice.notice_id,
                NoticeRow.version == notice.version - 1,
            )
            .values(confirmed_at=notice.confirmed_at, version=notice.version)
        )
        if changed.rowcount != 1:
            raise Aborted(expected=notice.version - 1, actual="another")

    def hand_over(self, handed: HandOver) -> int:
        """Give the post's unconfirmed notices to the successor; returns how many.

        One that the successor has been sent already stays where it is.
        """
        theirs = aliased(NoticeRow)
        has_it = exists().where(
            theirs.county_id == NoticeRow.county_id,
            theirs.event_id == NoticeRow.event_id,
            theirs.rule_id == NoticeRow.rule_id,
            theirs.person_id == handed.to_person_id,
        )
        moved = self._connection.execute(
            update(NoticeRow)
            .where(
                NoticeRow.county_id == self._county_id,
                NoticeRow.post_id == handed.from_post_id,
                NoticeRow.confirmed_at.is_(None),
                ~has_it,
            )
            .values(
                person_id=handed.to_person_id,
                post_id=handed.to_post_id,
                version=NoticeRow.version + 1,
            )
        )
        return moved.rowcount

    def inbox(
        self, person_id: UUID, filters: Mapping[str, Any], after: UUID | None, limit: int
    ) -> list[Notice]:
        """A person's notices, newest first."""
        conditions = [NoticeRow.person_id == person_id]
        if filters.get("unconfirmed_only"):
            conditions.append(NoticeRow.confirmed_at.is_(None))
        if filters.get("about_id"):
            conditions.append(NoticeRow.about_id == filters["about_id"])
        if after is not None:
            conditions.append(NoticeRow.notice_id < after)
        rows = self._connection.execute(
            self._select().where(*conditions).order_by(NoticeRow.notice_id.desc()).limit(limit)
        )
        return [Notice(*tuple(row)) for row in rows]

    def _select(self) -> Select[Any]:
        columns = [getattr(NoticeRow, name) for name in Notice.__slots__]
        return select(*columns).where(NoticeRow.county_id == self._county_id)


class NotificationsTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="notifications",
            tables=models.PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, models.STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.holders = HolderStore(connection, context.county_id)
        self.notices = NoticeStore(connection, context.county_id)


make_transaction = NotificationsTransaction
