"""Grids."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Computed, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.models.base import Base

TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)


class GridRow(Base):
    """A grid."""

    __tablename__ = "grids"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    node: Mapped[int]
    parent_id: Mapped[UUID | None]
    path: Mapped[str]
    level_id: Mapped[str]
    rank: Mapped[str]
    unit_type: Mapped[str]
    name: Mapped[str]
    admin_code: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]
    trail: Mapped[str] = mapped_column(Text(collation="C"), Computed(TRAIL, persisted=True))
    """The path with every node as seven digits: its order is that of the numbers.

    The database makes it from the path, so both always agree. It compares as text, for under
    row-level security only leakproof comparisons may use an index: of text, never LIKE or arrays.
    """

    __table_args__ = (
        Index("ix_grids_county_id_node", "county_id", "node", unique=True),
        Index("ix_grids_county_id_trail", "county_id", "trail", unique=True),
        Index("ix_grids_county_id_parent_id", "county_id", "parent_id"),
        # A division has one grid at a time.
        Index(
            "uq_grids_county_id_admin_code",
            "county_id",
            "admin_code",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )
