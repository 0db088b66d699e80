"""The ledger of pollution sources, the lists they came from, and what was found on site."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base

OF_SOURCE = (["county_id", "source_id"], ["sources.county_id", "sources.source_id"])


class SourceRow(Base):
    """A source as it stands now. Where it lies is its grid's path, which is not kept here."""

    __tablename__ = "sources"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID]
    name: Mapped[str]
    name_key: Mapped[str]
    type: Mapped[str]
    grade: Mapped[str]
    key_object: Mapped[bool]
    credit_code: Mapped[str]
    address: Mapped[str]
    industry: Mapped[str]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    zone: Mapped[str]
    state: Mapped[str]
    verification: Mapped[str]
    verified_at: Mapped[datetime | None]
    off_list: Mapped[bool]
    automatic_monitoring: Mapped[str]
    patrol_monitoring: Mapped[str]
    law_record: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "grid_id"], ["grids.county_id", "grids.grid_id"]),
        Index(
            "uq_sources_county_id_credit_code",
            "county_id",
            "credit_code",
            unique=True,
            postgresql_where=text("credit_code <> ''"),
        ),
        # A page walks the grids in their order, and within each the sources: so each filter that
        # leaves few has an index of the same order.
        Index("ix_sources_county_id_grid_id_source_id", "county_id", "grid_id", "source_id"),
        Index("ix_sources_county_id_grid_id_name_key", "county_id", "grid_id", "name_key"),
        Index("ix_sources_county_id_type", "county_id", "type", "grid_id", "source_id"),
        Index("ix_sources_county_id_grade", "county_id", "grade", "grid_id", "source_id"),
        Index(
            "ix_sources_county_id_verification",
            "county_id",
            "verification",
            "grid_id",
            "source_id",
        ),
        Index(
            "ix_sources_county_id_zone",
            "county_id",
            "zone",
            "grid_id",
            "source_id",
            postgresql_where=text("zone <> ''"),
        ),
        Index(
            "ix_sources_county_id_industry",
            "county_id",
            "industry",
            "grid_id",
            "source_id",
            postgresql_where=text("industry <> ''"),
        ),
        Index("ix_sources_county_id_state", "county_id", "state", "grid_id", "source_id"),
        Index(
            "ix_sources_key_objects",
            "county_id",
            "grid_id",
            "source_id",
            postgresql_where=text("key_object"),
        ),
        Index(
            "ix_sources_off_list",
            "county_id",
            "grid_id",
            "source_id",
            postgresql_where=text("off_list"),
        ),
    )


class SourceListRow(Base):
    """A list that a department supplied."""

    __tablename__ = "source_lists"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    department_id: Mapped[str]
    title: Mapped[str]
    received_on: Mapped[date]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("county_id", "department_id", "title", "received_on"),)


class OriginRow(Base):
    """What a list says about a source. ``grid_id`` is always the source's."""

    __tablename__ = "source_origins"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    department_id: Mapped[str]
    grid_id: Mapped[UUID]
    row: Mapped[int]
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    added_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(*OF_SOURCE),
        ForeignKeyConstraint(
            ["county_id", "list_id"], ["source_lists.county_id", "source_lists.list_id"]
        ),
        Index(None, "county_id", "list_id", "grid_id", "source_id"),
        Index(None, "county_id", "department_id", "grid_id", "source_id"),
    )


class InspectionRow(Base):
    """An entry in the history of verifications on site. It is never changed."""

    __tablename__ = "source_looks"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    result: Mapped[str]
    note: Mapped[str]
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(*OF_SOURCE),)


class GradingRow(Base):
    """An entry in the history of grades. It is never changed."""

    __tablename__ = "source_gradings"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    grade: Mapped[str]
    key_object: Mapped[bool]
    reason: Mapped[str]
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(*OF_SOURCE),)
