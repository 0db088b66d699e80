"""What a source's file holds, what happened to it, and what else the ledger holds around it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base
from services.grid.sources.models.ledger import OF_SOURCE


class FileEntryRow(Base):
    """A filing, a permit, a record or a document in a source's file."""

    __tablename__ = "source_file_entries"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]
    part: Mapped[str]
    title: Mapped[str]
    reference: Mapped[str]
    dated_on: Mapped[date | None]
    detail: Mapped[str]
    treated: Mapped[bool | None]
    pollutant: Mapped[str]
    amount: Mapped[float | None]
    unit: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(*OF_SOURCE),
        Index(None, "county_id", "source_id", "part"),
    )


class SourceEventRow(Base):
    """Something that happened to a source, as an event reported it. It is never changed."""

    __tablename__ = "source_events"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    about_id: Mapped[UUID]
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        ForeignKeyConstraint(*OF_SOURCE),
        Index(None, "county_id", "source_id", "at", "event_id"),
        Index(None, "county_id", "at", "event_id", "source_id"),
    )


class LedgerObjectRow(Base):
    """A service organisation, sensitive point, water, remediation project or piece of equipment."""

    __tablename__ = "ledger_objects"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    grid_id: Mapped[UUID]
    name: Mapped[str]
    type: Mapped[str]
    state: Mapped[str]
    place: Mapped[str]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "grid_id"], ["grids.county_id", "grids.grid_id"]),
        Index(None, "county_id", "grid_id", "object_id"),
        Index(None, "county_id", "kind", "object_id"),
    )


class ObjectLinkRow(Base):
    """A link between a source and an object of the ledger."""

    __tablename__ = "source_links"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(*OF_SOURCE),
        ForeignKeyConstraint(
            ["county_id", "object_id"], ["ledger_objects.county_id", "ledger_objects.object_id"]
        ),
        Index(None, "county_id", "object_id", "source_id"),
    )
