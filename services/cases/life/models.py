"""Tables of cases. No behaviour."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.cases.base import OF_CASE, Base
from shared.db.subtree import GRID_PATH

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
        # One report opens one case, however often its event arrives.
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
