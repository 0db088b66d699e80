"""What grids are given to work with, year by year."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class ProvisionRow(Base):
    """Budget, equipment, vehicles and office of a grid in a year; NULL is not stated."""

    __tablename__ = "grid_provisions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    budget_yuan: Mapped[float | None]
    equipment: Mapped[str | None]
    vehicles: Mapped[int | None]
    office: Mapped[str | None]
    changed_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "grid_id"], ["grids.county_id", "grids.grid_id"]),
    )
