"""What was done to accounts and personal data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class AuditEntryRow(Base):
    """One act. Rows are only ever added; ids grow with time."""

    __tablename__ = "audit_entries"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_roles: Mapped[list[Any]]
    action: Mapped[str]
    person_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    correlation_id: Mapped[str]

    __table_args__ = (
        Index(None, "county_id", "person_id", "entry_id"),
        Index(None, "county_id", "actor_id", "entry_id"),
    )
