"""Grids: the newest state of each, and the states before it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Computed, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base

TRAIL = (
    r"regexp_replace(regexp_replace(path, '(\d+)\.'::text, '000000\1.'::text, 'g'::text), "
    r"'0*(\d{7})\.'::text, '\1.'::text, 'g'::text)"
)


class _State:
    """What a state of a grid consists of. ``since`` is when it began."""

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
    since: Mapped[datetime] = mapped_column(server_default=func.now())
    kind: Mapped[str] = mapped_column(server_default="territorial")
    is_base: Mapped[bool] = mapped_column(server_default=text("false"))
    local_code: Mapped[str | None]
    zones: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    # As text, for people read them in the order in which they were stated.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    trail: Mapped[str] = mapped_column(Text(collation="C"), Computed(TRAIL, persisted=True))
    """The path with every node as seven digits: its order is that of the numbers.

    The database makes it from the path, so both always agree. It compares as text, for under
    row-level security only leakproof comparisons may use an index: of text, never LIKE or arrays.
    """


class GridRow(_State, Base):
    """A grid as it stands now."""

    __tablename__ = "grids"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]

    __table_args__ = (
        Index("ix_grids_county_id_node", "county_id", "node", unique=True),
        Index("ix_grids_county_id_trail", "county_id", "trail", unique=True),
        Index("ix_grids_county_id_parent_id", "county_id", "parent_id"),
        # A division has one grid at a time, and so has a code of the county's own.
        Index(
            "uq_grids_county_id_admin_code",
            "county_id",
            "admin_code",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index(
            "uq_grids_county_id_local_code",
            "county_id",
            "local_code",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )


class GridPastRow(_State, Base):
    """A state that was superseded: it held from ``since`` until ``until``. Rows are only added."""

    __tablename__ = "grid_past"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime]

    __table_args__ = (
        Index(None, "county_id", "trail"),
        Index(None, "county_id", "node"),
    )
