"""Reading and confirming one's own notices, within the transaction that is given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notifications.inbox import domain
from services.notifications.inbox.domain import Notice
from services.notifications.ports import NotificationsTransaction
from shared.errors import PermissionDenied


def list_inbox(
    tx: NotificationsTransaction, filters: Mapping[str, Any], after: UUID | None, limit: int
) -> list[Notice]:
    """The caller's own notices, newest first."""
    return tx.notices.inbox(_caller(tx), filters, after, limit)


def confirm_notice(tx: NotificationsTransaction, notice_id: UUID, now: datetime) -> Notice:
    """Record that the caller has read a notice."""
    before = tx.notices.get(notice_id, _caller(tx))
    notice, confirmed = domain.confirm(before, now)
    if confirmed is not None:
        tx.notices.save(notice)
        tx.outbox.add(confirmed, subject=notice.notice_id, sequence=notice.version)
    return notice


def _caller(tx: NotificationsTransaction) -> UUID:
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="read")
    return tx.context.actor_id
