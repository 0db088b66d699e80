"""Posts that ended because their grid did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class PostEndedWithGridRow(Base):
    """Why a post ended: which change of its grid (``split``, ``merged``, ``retired``) ended it.

    ``carried_to`` is the post by which its holder went on at the grid that took over. Rows are
    only added.
    """

    __tablename__ = "posts_ended_with_grid"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    change_id: Mapped[UUID]
    reason: Mapped[str]
    ended_at: Mapped[datetime]
    carried_to: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "post_id"], ["posts.county_id", "posts.post_id"]),
    )
