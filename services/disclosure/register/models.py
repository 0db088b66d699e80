"""Tables of the register. No behaviour."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.disclosure.base import Base
from shared.db.subtree import GRID_PATH


class RegisterItemRow(Base):
    """Something that must be published, with its draft once there is one."""

    __tablename__ = "register_items"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    about_type: Mapped[str]
    about_id: Mapped[UUID]
    grid_id: Mapped[UUID]
    grid_path: Mapped[str] = mapped_column(GRID_PATH)
    grid_name: Mapped[str]
    category: Mapped[str]
    state: Mapped[str]
    arose_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    title: Mapped[str | None]
    body: Mapped[str | None]
    redactions: Mapped[list[Any] | None]
    submitted_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    publication_id: Mapped[UUID | None]
    source: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int]

    __table_args__ = (
        # The same event again adds nothing.
        UniqueConstraint("county_id", "kind", "about_id"),
        CheckConstraint("approved_by <> submitted_by", name="four_eyes"),
        Index(None, "county_id", "due_at", "item_id"),
        Index(None, "county_id", "about_id"),
        Index(None, "county_id", "grid_id"),
    )
