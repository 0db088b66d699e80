"""Posts on grids that end, in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_

from services.personnel.posts.domain.posts import Post
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.models.restructuring import PostEndedWithGridRow
from services.personnel.posts.store.posts import PostStore
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction


class GridPostStore(PostStore):
    """One county's posts by their grids."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self._post_ended_with_grid_table = ScopedTable(tx, PostEndedWithGridRow)

    def open_on(self, grid_ids: Sequence[UUID], at: datetime) -> list[Post]:
        """Posts on the grids that do not end by a moment, oldest first; nobody else ends them."""
        query = self._posts().where(
            PostRow.grid_id.in_(grid_ids),
            or_(
                PostRow.valid_to.is_(None),
                # One that was cancelled before it began is over already.
                and_(PostRow.valid_to > at, PostRow.valid_to > PostRow.valid_from),
            ),
        )
        ordered = query.order_by(PostRow.valid_from, PostRow.post_id)
        return self._read(ordered.with_for_update(of=PostRow))

    def note_ends(self, ends: Sequence[dict[str, Any]]) -> None:
        """Keep why posts ended."""
        self._post_ended_with_grid_table.insert_many(ends)
