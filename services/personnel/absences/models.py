"""Leave, and who stands in meanwhile."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class LeaveRow(Base):
    """An absence of a person; one that was cancelled ends where it starts."""

    __tablename__ = "leaves"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    leave_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    kind: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    created_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "person_id", "valid_to"),
        Index(None, "county_id", "valid_to"),
    )


class StandInRow(Base):
    """Who stands in for a post during a leave; ``stand_in_id`` is NULL where nobody does."""

    __tablename__ = "stand_ins"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    leave_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    stand_in_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "leave_id"], ["leaves.county_id", "leaves.leave_id"]),
        ForeignKeyConstraint(["county_id", "post_id"], ["posts.county_id", "posts.post_id"]),
        ForeignKeyConstraint(
            ["county_id", "stand_in_id"], ["people.county_id", "people.person_id"]
        ),
        Index(None, "county_id", "post_id"),
        Index(None, "county_id", "stand_in_id"),
    )
