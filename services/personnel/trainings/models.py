"""Trainings and attendance."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class TrainingKindRow(Base):
    """A kind of training."""

    __tablename__ = "training_kinds"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    validity_months: Mapped[int | None]
    version: Mapped[int]


class TrainingRow(Base):
    """One training."""

    __tablename__ = "trainings"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    training_id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    held_on: Mapped[date]
    hours: Mapped[float]
    trainer: Mapped[str]
    place: Mapped[str]
    content: Mapped[str]
    role_types: Mapped[list[Any]]
    grid_id: Mapped[UUID | None]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "kind"], ["training_kinds.county_id", "training_kinds.kind"]
        ),
        Index(None, "county_id", "kind", "held_on"),
        Index(None, "county_id", "grid_id"),
    )


class AttendanceRow(Base):
    """One person at one training."""

    __tablename__ = "training_attendance"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    training_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    attended: Mapped[bool]
    result: Mapped[str | None]
    file_reference: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "training_id"], ["trainings.county_id", "trainings.training_id"]
        ),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        Index(None, "county_id", "person_id"),
    )
