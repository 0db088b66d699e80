"""Tables of clocks. No behaviour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.cases.base import OF_CASE, Base


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
    """Who answered for a clock, and from when on. Rows are only ever added."""

    __tablename__ = "case_clock_segments"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    segment_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str]
    began_at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(*OF_CASE),)
