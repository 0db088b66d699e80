"""Tables of facts. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.assessment.base import Base
from shared.db.subtree import GRID_PATH


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
