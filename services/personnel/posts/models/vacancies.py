"""Vacancies, and the moments at which they may begin or end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class VacancyRow(Base):
    """A place at which a role had fewer holders than the scheme asks for, for some time.

    At the county itself both ``grid_id`` and ``department_id`` are NULL.
    """

    __tablename__ = "vacancies"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    vacancy_id: Mapped[UUID] = mapped_column(primary_key=True)
    role_type: Mapped[str]
    role_kind: Mapped[str]
    title: Mapped[str]
    grid_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    required: Mapped[int]
    holders: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint("grid_id IS NULL OR department_id IS NULL", name="one_place"),
        CheckConstraint("until >= since", name="interval"),
        Index(
            "uq_vacancies_open",
            "county_id",
            "role_type",
            "grid_id",
            "department_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "county_id", "grid_id"),
    )


class StaffingDueRow(Base):
    """A moment to come at which a place may lose or gain a holder.

    Without a role type every role is looked at: on the grid, or without one in the whole county.
    """

    __tablename__ = "staffing_due"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    due_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    role_type: Mapped[str | None]
    grid_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    again: Mapped[bool]

    __table_args__ = (Index(None, "county_id", "due_at"),)
