"""The service's tables. No behaviour."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Computed, Index, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables


class Base(DeclarativeBase):
    """The service's tables."""

    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)
TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)


class CountyRow(Base):
    """A county."""

    __tablename__ = "counties"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    admin_code: Mapped[str]
    time_zone: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]
    last_node: Mapped[int]


class DirectoryRow(Base):
    """A county as the city lists it. These rows belong to the city's own pseudo-tenant."""

    __tablename__ = "county_directory"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    listed_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    admin_code: Mapped[str]
    time_zone: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]


class SchemeRow(Base):
    """A published version of a county's scheme."""

    __tablename__ = "scheme_versions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_on: Mapped[date]
    # As text, for people read it in the order in which it was written.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]


class GridRow(Base):
    """A grid."""

    __tablename__ = "grids"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    node: Mapped[int]
    parent_id: Mapped[UUID | None]
    path: Mapped[str]
    level_id: Mapped[str]
    rank: Mapped[str]
    unit_type: Mapped[str]
    name: Mapped[str]
    admin_code: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]
    trail: Mapped[str] = mapped_column(Text(collation="C"), Computed(TRAIL, persisted=True))
    """The path with every node as seven digits: its order is that of the numbers.

    The database makes it from the path, so both always agree. It compares as text, for under
    row-level security only leakproof comparisons may use an index: of text, never LIKE or arrays.
    """

    __table_args__ = (
        Index("ix_grids_county_id_node", "county_id", "node", unique=True),
        Index("ix_grids_county_id_trail", "county_id", "trail", unique=True),
        Index("ix_grids_county_id_parent_id", "county_id", "parent_id"),
        # A division has one grid at a time.
        Index(
            "uq_grids_county_id_admin_code",
            "county_id",
            "admin_code",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )
