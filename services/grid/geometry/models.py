"""Where grids lie."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class BoundaryRow(Base):
    """A grid's boundary from a moment on; the next one ends it."""

    __tablename__ = "grid_boundaries"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    min_lon: Mapped[float]
    min_lat: Mapped[float]
    max_lon: Mapped[float]
    max_lat: Mapped[float]
    geometry: Mapped[bytes]
    """WKB, degrees of WGS-84."""
    area_km2: Mapped[float]
    vertices: Mapped[int]
    datum: Mapped[str]
    source: Mapped[str]
    note: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]

    __table_args__ = (
        Index(
            "ix_grid_boundaries_county_id_box",
            "county_id",
            "min_lon",
            "max_lon",
            "min_lat",
            "max_lat",
        ),
        Index(
            "uq_grid_boundaries_county_id_grid_id",
            "county_id",
            "grid_id",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )


class PointRow(Base):
    """The point that marks a grid, in degrees of WGS-84."""

    __tablename__ = "grid_points"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    longitude: Mapped[float]
    latitude: Mapped[float]
    marked_at: Mapped[datetime]
    version: Mapped[int]
