"""The service's tables. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
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


class CaseFactRow(Base):
    """A case as of its newest event."""

    __tablename__ = "case_facts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    number: Mapped[str]
    category: Mapped[str]
    state: Mapped[str]
    responsible_grid_id: Mapped[UUID | None]
    responsible_grid_path: Mapped[str] = mapped_column(GRID_PATH)
    due_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "county_id", "responsible_grid_path"),
        Index(None, "county_id", "responsible_grid_id"),
    )
