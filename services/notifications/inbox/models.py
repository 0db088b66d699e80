"""Tables of notices. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base


class NoticeRow(Base):
    """A notice to one person."""

    __tablename__ = "notices"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    title: Mapped[str]
    body: Mapped[str]
    about_type: Mapped[str]
    about_id: Mapped[UUID]
    rule_id: Mapped[str]
    event_id: Mapped[UUID]
    sent_at: Mapped[datetime]
    confirm_due_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int]
    post_id: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("county_id", "event_id", "rule_id", "person_id"),
        Index(None, "county_id", "post_id"),
        Index(None, "county_id", "person_id", "notice_id"),
    )
