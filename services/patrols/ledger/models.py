"""Tables of the ledger. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.patrols.base import Base
from shared.db.subtree import GRID_PATH


class PatrolRow(Base):
    """A patrol at its place in its patroller's ledger."""

    __tablename__ = "patrols"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    patrol_id: Mapped[UUID] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID]
    grid_path: Mapped[str] = mapped_column(GRID_PATH)
    patroller_id: Mapped[UUID]
    client_id: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    summary: Mapped[str]
    signed_at: Mapped[datetime]
    signed_hash: Mapped[str]
    number: Mapped[int]
    previous_hash: Mapped[str]
    record_hash: Mapped[str]
    submitted_at: Mapped[datetime]
    source_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))

    __table_args__ = (
        # Two records of one patroller cannot take the same place, nor one client id twice.
        UniqueConstraint("county_id", "patroller_id", "number"),
        UniqueConstraint("county_id", "patroller_id", "client_id"),
        Index(None, "county_id", "grid_path"),
        Index(None, "county_id", "grid_id"),
    )


class FindingRow(Base):
    """Something wrong that a patrol found."""

    __tablename__ = "findings"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(primary_key=True)
    patrol_id: Mapped[UUID]
    position: Mapped[int]
    category: Mapped[str]
    description: Mapped[str]
    found_at: Mapped[datetime]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    stopped_by: Mapped[str]
    address: Mapped[str]
    source_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "patrol_id"], ["patrols.county_id", "patrols.patrol_id"]
        ),
        Index(None, "county_id", "patrol_id"),
    )
