"""The event of notifications."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.declare import event


@event("notifications", "notice.confirmed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeConfirmed:
    """A person confirmed having read a notice."""

    notice_id: UUID
    person_id: UUID
    about_type: str
    about_id: UUID
    confirmed_at: datetime
