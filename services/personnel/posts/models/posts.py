"""Posts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class PostRow(Base):
    """A dated appointment."""

    __tablename__ = "posts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    role_type: Mapped[str]
    role_kind: Mapped[str]
    title: Mapped[str]
    capabilities: Mapped[list[Any]]
    grid_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]
    area: Mapped[str] = mapped_column(server_default="")
    duties: Mapped[list[Any]] = mapped_column(server_default="[]")
    skills: Mapped[list[Any]] = mapped_column(server_default="[]")
    attachment: Mapped[str] = mapped_column(server_default="own")
    basis: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        CheckConstraint("grid_id IS NULL OR department_id IS NULL", name="one_place"),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "person_id"),
        Index(None, "county_id", "grid_id"),
        Index(None, "county_id", "department_id"),
    )
