"""Leading groups, teams and bodies."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class GroupRow(Base):
    """A group at a grid or at the county."""

    __tablename__ = "groups"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    chair_rule: Mapped[str]
    chairs: Mapped[int | None]
    office: Mapped[str]
    quota: Mapped[int | None]
    funding: Mapped[str]
    duties: Mapped[list[Any]]
    qualities: Mapped[list[Any]]
    training_kind: Mapped[str]
    grid_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "parent_id"], ["groups.county_id", "groups.group_id"]),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "grid_id"),
        Index(None, "county_id", "parent_id"),
    )


class GroupMemberRow(Base):
    """One member of a group."""

    __tablename__ = "group_members"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID]
    seat: Mapped[str]
    person_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    body: Mapped[str | None]
    title: Mapped[str]
    source: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "group_id"], ["groups.county_id", "groups.group_id"]),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        CheckConstraint("num_nonnulls(person_id, department_id, body) = 1", name="one_member"),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "group_id"),
        Index(None, "county_id", "person_id"),
        Index(None, "county_id", "department_id"),
    )


class GroupGridRow(Base):
    """A grid that a group works for beside its own, for a time."""

    __tablename__ = "group_grids"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "group_id"], ["groups.county_id", "groups.group_id"]),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "grid_id"),
    )
