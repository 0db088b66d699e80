"""Tables of changes to the division into grids, and of the grids before and after each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class GridChangeRow(Base):
    """A change. Rows are only added."""

    __tablename__ = "grid_changes"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    change_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    document_title: Mapped[str | None]
    document_number: Mapped[str | None]
    document_url: Mapped[str | None]
    carry_posts: Mapped[bool]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]


class GridLineageRow(Base):
    """A grid before (``predecessor``) or after (``successor``) a change, as it stood then.

    ``heir_id`` is the grid that took over the open work of a predecessor that ended. Rows are only added.
    """

    __tablename__ = "grid_lineage"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    change_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    grid_id: Mapped[UUID]
    name: Mapped[str]
    admin_code: Mapped[str | None]
    local_code: Mapped[str | None]
    path: Mapped[str]
    heir_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "change_id"], ["grid_changes.county_id", "grid_changes.change_id"]
        ),
        Index(None, "county_id", "grid_id", "part"),
    )
