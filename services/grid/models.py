"""The service's tables. No behaviour."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import make_base
from shared.db.platform import platform_tables

Base = make_base()
PLATFORM = platform_tables(Base.metadata)


class CountyRow(Base):  # type: ignore[misc, valid-type]
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


class DirectoryRow(Base):  # type: ignore[misc, valid-type]
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


class SchemeRow(Base):  # type: ignore[misc, valid-type]
    """A published version of a county's scheme."""

    __tablename__ = "scheme_versions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_on: Mapped[date]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class GridRow(Base):  # type: ignore[misc, valid-type]
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

    __table_args__ = (
        Index("ix_grids_county_id_node", "county_id", "node", unique=True),
        Index(
            "ix_grids_county_id_path",
            "county_id",
            "path",
            postgresql_ops={"path": "text_pattern_ops"},
        ),
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
