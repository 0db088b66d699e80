"""Notices in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from services.notifications.inbox.domain import Notice, NoticeNotFound
from services.notifications.inbox.models import NoticeRow
from services.notifications.rules.domain import HandOver
from shared.errors import Aborted


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
