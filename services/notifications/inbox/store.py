"""Notices in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import exists
from sqlalchemy.orm import aliased

from services.notifications.inbox.domain import InboxFilter, Notice, NoticeNotFound
from services.notifications.inbox.models import NoticeRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NEWEST = SortKey(NoticeRow.notice_id, descending=True)


class NoticeStore:
    """One county's notices."""

    def __init__(self, tx: Transaction) -> None:
        self._notices = ScopedTable(tx, NoticeRow, missing=NoticeNotFound)

    def add(self, notices: Sequence[Notice]) -> list[Notice]:
        """Write new notices and return them. One that exists for its event, rule and person stays."""
        rows = self._notices.insert_new(map(asdict, notices), NoticeRow.notice_id)
        new = {row.notice_id for row in rows}
        return [notice for notice in notices if notice.notice_id in new]

    def lock(self, notice_id: UUID, person_id: UUID) -> Notice:
        """One notice of the person, locked until the transaction ends. Raises NoticeNotFound."""
        query = self._notices.select_for(Notice).where(
            NoticeRow.notice_id == notice_id, NoticeRow.person_id == person_id
        )
        row = self._notices.first(query.with_for_update())
        if row is None:
            raise NoticeNotFound(notice_id=notice_id)
        return Notice(*tuple(row))

    def save(self, notice: Notice) -> None:
        """Keep a changed notice. Raises Aborted when it was changed in between."""
        changed = ("notice_id", "confirmed_at", "version")
        values = {name: getattr(notice, name) for name in changed}
        self._notices.save(values, notice.version - 1)

    def hand_over(self, post_id: UUID, *, to_post_id: UUID, to_person_id: UUID) -> int:
        """Give the post's unconfirmed notices to the successor; returns how many.

        A notice that the successor has from the same event and rule stays where it is.
        """
        theirs = aliased(NoticeRow)
        has_it = exists().where(
            same_county(theirs, NoticeRow, "event_id", "rule_id"),
            theirs.person_id == to_person_id,
        )
        return self._notices.update(
            {"person_id": to_person_id, "post_id": to_post_id, "version": NoticeRow.version + 1},
            NoticeRow.post_id == post_id,
            NoticeRow.confirmed_at.is_(None),
            ~has_it,
        )

    def page(self, person_id: UUID, wanted: InboxFilter, asked: PageRequest) -> Page[Notice]:
        """A person's notices, newest first."""
        query = self._notices.select_for(Notice).where(NoticeRow.person_id == person_id)
        if wanted.unconfirmed_only:
            query = query.where(NoticeRow.confirmed_at.is_(None))
        if wanted.about_id is not None:
            query = query.where(NoticeRow.about_id == wanted.about_id)
        return self._notices.page(query, NEWEST, asked).map(lambda row: Notice(*tuple(row)))
