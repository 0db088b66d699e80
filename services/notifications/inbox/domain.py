"""Notices: what a person must know, and the confirmation that it was read."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.contracts.notifications import NoticeConfirmed
from shared.errors import NotFound, Text


class NoticeNotFound(NotFound):
    """No such notice, or another person's."""

    reason = "NOTICE_NOT_FOUND"
    title = Text("Notice not found", "未找到通知")
    detail = Text("You have no notice {notice_id}.", "您没有编号为 {notice_id} 的通知。")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person must know."""

    notice_id: UUID
    person_id: UUID
    title: str
    body: str
    about_type: str
    about_id: UUID
    rule_id: str
    event_id: UUID
    sent_at: datetime
    confirm_due_at: datetime | None
    confirmed_at: datetime | None
    version: int
    post_id: UUID | None = None
    """The post for which the person is notified; None in notices from before posts were kept."""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which of a person's notices are asked for; what is None does not matter."""

    unconfirmed_only: bool = False
    about_id: UUID | None = None


def confirm(notice: Notice, now: datetime) -> tuple[Notice, NoticeConfirmed | None]:
    """The notice confirmed, and the event; confirming again changes nothing and causes no event."""
    if notice.confirmed_at is not None:
        return notice, None
    confirmed = replace(notice, confirmed_at=now, version=notice.version + 1)
    return confirmed, NoticeConfirmed(
        notice_id=notice.notice_id,
        person_id=notice.person_id,
        about_type=notice.about_type,
        about_id=notice.about_id,
        confirmed_at=now,
    )
