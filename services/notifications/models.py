"""The service's tables. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables
from shared.structure.tables import structure_tables


class Base(DeclarativeBase):
    """The service's tables."""

    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)
STRUCTURE = structure_tables(Base.metadata)


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
