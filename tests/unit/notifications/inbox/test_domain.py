"""Confirming a notice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.notifications.inbox import domain
from services.notifications.inbox.domain import Notice

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_confirming_again_changes_nothing_and_tells_nobody() -> None:
    notice = Notice(
        notice_id=uuid4(),
        person_id=uuid4(),
        title="",
        body="",
        about_type="case",
        about_id=uuid4(),
        rule_id="case.opened.v1#1",
        event_id=uuid4(),
        sent_at=NOW,
        confirm_due_at=None,
        confirmed_at=None,
        version=1,
    )

    confirmed, told = domain.confirm(notice, NOW)
    again, silence = domain.confirm(confirmed, NOW + timedelta(hours=1))

    assert (confirmed.confirmed_at, confirmed.version) == (NOW, 2)
    assert told is not None
    assert (told.notice_id, told.confirmed_at) == (notice.notice_id, NOW)
    assert (again, silence) == (confirmed, None)
