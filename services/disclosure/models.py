"""The service's tables. No behaviour."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables
from shared.db.subtree import GRID_PATH
from shared.structure.tables import structure_tables


class Base(DeclarativeBase):
    """The service's tables."""

    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)
STRUCTURE = structure_tables(Base.metadata)


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
    version: Mapped[int]

    __table_args__ = (
        # The same event again adds nothing.
        UniqueConstraint("county_id", "kind", "about_id"),
        CheckConstraint("approved_by <> submitted_by", name="four_eyes"),
        Index(None, "county_id", "due_at", "item_id"),
        Index(None, "county_id", "about_id"),
        Index(None, "county_id", "grid_id"),
    )


class PublicationRow(Base):
    """One version of what the public may read; rows are only ever added."""

    __tablename__ = "publications"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID]
    version: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    grid_name: Mapped[str]
    category: Mapped[str]
    category_name: Mapped[str]
    publisher: Mapped[str]
    published_at: Mapped[datetime]
    content_hash: Mapped[str]

    __table_args__ = (
        UniqueConstraint("county_id", "item_id", "version"),
        ForeignKeyConstraint(
            ["county_id", "item_id"], ["register_items.county_id", "register_items.item_id"]
        ),
        Index(None, "county_id", "published_at", "publication_id"),
    )


class WithdrawalRow(Base):
    """A publication no longer stands; rows are only ever added."""

    __tablename__ = "withdrawals"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[UUID] = mapped_column(primary_key=True)
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID]
    reason: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "publication_id"],
            ["publications.county_id", "publications.publication_id"],
        ),
    )
