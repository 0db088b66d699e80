"""Reading and confirming one's own notices, within the transaction that is given."""

from datetime import datetime
from uuid import UUID

from services.notifications.inbox import domain
from services.notifications.inbox.domain import InboxFilter, Notice
from services.notifications.inbox.store import NoticeStore
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied
from shared.paging import Page, PageRequest


def list_inbox(tx: Transaction, wanted: InboxFilter, asked: PageRequest) -> Page[Notice]:
    """The caller's own notices, newest first."""
    return tx.store(NoticeStore).page(_caller(tx), wanted, asked)


def confirm_notice(tx: Transaction, notice_id: UUID, now: datetime) -> Notice:
    """Record that the caller has read a notice."""
    notices = tx.store(NoticeStore)
    notice, confirmed = domain.confirm(notices.lock(notice_id, _caller(tx)), now)
    if confirmed is not None:
        notices.save(notice)
        tx.outbox.add(confirmed, subject=notice.notice_id, sequence=notice.version)
    return notice


def _caller(tx: Transaction) -> UUID:
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="read")
    return tx.context.actor_id
