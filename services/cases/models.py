"""The service's tables. No behaviour."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
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

OF_CASE = (["county_id", "case_id"], ["cases.county_id", "cases.case_id"])
NEWEST_FIRST = (text("opened_at DESC"), text("case_id DESC"))


class CaseRow(Base):
    """A case as it stands now."""

    __tablename__ = "cases"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    version: Mapped[int]
    state: Mapped[str]
    category: Mapped[str]
    description: Mapped[str]
    address: Mapped[str]
    source_type: Mapped[str]
    source_id: Mapped[str]
    reporter_id: Mapped[UUID | None]
    grid_id: Mapped[UUID]
    grid_path: Mapped[str] = mapped_column(GRID_PATH)
    grid_level_id: Mapped[str]
    responsible_grid_id: Mapped[UUID]
    responsible_grid_path: Mapped[str] = mapped_column(GRID_PATH)
    lead_department_id: Mapped[str]
    department_id: Mapped[str]
    scheme_version: Mapped[int]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    opened_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[UUID | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    result: Mapped[str]
    pollution_source_id: Mapped[UUID | None]
    history_length: Mapped[int]
    history_hash: Mapped[str]

    __table_args__ = (
        UniqueConstraint("county_id", "number"),
        # One report opens one case, however often it is told of.
        UniqueConstraint("county_id", "source_type", "source_id"),
        Index("ix_cases_county_id_newest", "county_id", *NEWEST_FIRST),
        Index("ix_cases_county_id_state", "county_id", "state", *NEWEST_FIRST),
        Index("ix_cases_county_id_department_id", "county_id", "department_id", *NEWEST_FIRST),
        Index(None, "county_id", "lead_department_id"),
        Index(None, "county_id", "grid_path"),
        Index(None, "county_id", "responsible_grid_path"),
        Index(None, "county_id", "grid_id"),
        Index(None, "county_id", "responsible_grid_id"),
    )


class ClockRow(Base):
    """A limit in time of a case; ``owner`` is who answers for it now."""

    __tablename__ = "case_clocks"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    starts: Mapped[str]
    stops: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    owner: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(*OF_CASE),
        # What is overdue is found here by due time; clocks that cannot be overdue are left out.
        Index(
            "ix_case_clocks_county_id_running",
            "county_id",
            "due_at",
            postgresql_where=text("stopped_at IS NULL AND due_at IS NOT NULL"),
        ),
    )


class ClockSegmentRow(Base):
    """From when on somebody answered for a clock. Rows are only ever added."""

    __tablename__ = "case_clock_segments"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    segment_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str]
    began_at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(*OF_CASE),)


class TransferRow(Base):
    """An offer of a case to a department, and its answer."""

    __tablename__ = "case_transfers"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    to_department_id: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    offered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    decline_reason: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(*OF_CASE),
        Index(None, "county_id", "case_id"),
        Index(None, "county_id", "to_department_id", "case_id"),
        # A case is offered to one department at a time.
        Index(
            "uq_case_transfers_county_id_case_id_open",
            "county_id",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'offered'"),
        ),
    )


class HistoryRow(Base):
    """An entry of a case's history. Rows are only ever added."""

    __tablename__ = "case_history"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    note: Mapped[str]
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    entry_hash: Mapped[str]

    __table_args__ = (ForeignKeyConstraint(*OF_CASE),)


class NumberRow(Base):
    """How many cases a county opened on a day of its own; the last number given."""

    __tablename__ = "case_numbers"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
