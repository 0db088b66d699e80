"""Tables of publications. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.disclosure.base import Base


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
    """The withdrawal of a publication; rows are only ever added."""

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
