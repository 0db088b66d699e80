"""Tables of who holds a post and how people are reached. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base


class HolderRow(Base):
    """Local copy of a post."""

    __tablename__ = "holders"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    person_id: Mapped[UUID]
    role_kind: Mapped[str]
    grid_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "county_id", "grid_id"),
        Index(None, "county_id", "department_id"),
    )


class StandInRow(Base):
    """Local copy of who stands in for a post during a leave."""

    __tablename__ = "stand_ins"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    leave_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    person_id: Mapped[UUID]
    stand_in_id: Mapped[UUID | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]

    __table_args__ = (Index(None, "county_id", "post_id"),)


class ContactRow(Base):
    """Local copy of how a person is reached."""

    __tablename__ = "contacts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    display_name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
