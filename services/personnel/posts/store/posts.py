"""Posts in PostgreSQL. Rows never leave this file.

A grid's path is read from the local copy of the structure, so a post follows its grid when that
is moved.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, or_, true

from services.personnel.base import STRUCTURE
from services.personnel.posts.domain.posts import (
    Attachment,
    Interval,
    Place,
    Post,
    PostFilter,
    PostNotFound,
    Terms,
    Viewer,
)
from services.personnel.posts.models.posts import PostRow
from services.personnel.roster.models import PersonRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

GRIDS = STRUCTURE.grids
ON_ITS_GRID = same_county(GRIDS, PostRow, "grid_id")
HOLDER = same_county(PersonRow, PostRow, "person_id")

OLDEST = SortKey(PostRow.post_id)


class PostStore:
    """One county's posts."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._post_table = ScopedTable(tx, PostRow, missing=PostNotFound)

    def add(self, post: Post) -> None:
        """Record a new post."""
        self._post_table.insert(
            {
                "post_id": post.post_id,
                "person_id": post.person_id,
                "role_type": post.role_type,
                "role_kind": post.role_kind,
                "title": post.title,
                "capabilities": list(post.capabilities),
                "grid_id": post.place.grid_id,
                "department_id": post.place.department_id,
                "valid_from": post.valid.start,
                "valid_to": post.valid.end,
                "version": post.version,
                **_terms(post),
            }
        )

    def save(self, post: Post, expected_version: int) -> None:
        """Keep the post's end and its terms. Raises Aborted where it is at another version."""
        changes = {"valid_to": post.valid.end, "version": post.version, **_terms(post)}
        self._post_table.save({"post_id": post.post_id, **changes}, expected_version)

    def get(self, post_id: UUID) -> Post:
        """One post. Raises PostNotFound."""
        row = self._connection.execute(self._posts().where(PostRow.post_id == post_id)).first()
        if row is None:
            raise PostNotFound(post_id=post_id)
        return post_of(row)

    def in_force(self, person_id: UUID, now: datetime) -> list[Post]:
        """The person's posts at a moment."""
        query = self._posts().where(PostRow.person_id == person_id, in_force(now))
        return self._read(query.order_by(PostRow.post_id))

    def beside(self, role_type: str, place: Place) -> list[Post]:
        """All posts of the role type at the place, which the caller holds (PlaceLocks)."""
        return self._read(self._posts().where(PostRow.role_type == role_type, at_place(place)))

    def page(self, viewer: Viewer, wanted: PostFilter, asked: PageRequest) -> Page[Post]:
        """Posts in force at the filter's moment that the viewer may see, oldest first."""
        query = self._posts().where(
            in_force(wanted.moment),
            or_(PostRow.person_id == viewer.person_id, within_reach(viewer)),
        )
        for name in ("person_id", "grid_id", "department_id"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(PostRow, name) == value)
        return self._post_table.page(query, OLDEST, asked).map(post_of)

    def of_grid(self, grid_id: UUID) -> list[tuple[Post, str]]:
        """Every post ever held on the grid with its holder's name, oldest first."""
        query = (
            self._posts()
            .add_columns(PersonRow.name)
            .join(PersonRow, HOLDER)
            .where(PostRow.grid_id == grid_id)
            .order_by(PostRow.valid_from, PostRow.post_id)
        )
        return [(post_of(row), row.name) for row in self._connection.execute(query)]

    def answering_for(self, grid_ids: Sequence[UUID], moment: datetime) -> list[tuple[Post, str]]:
        """Posts on the grids at a moment with their holders' names, in the grids' order."""
        places = {grid_id: place for place, grid_id in enumerate(grid_ids)}
        query = (
            self._posts()
            .add_columns(PersonRow.name)
            .join(PersonRow, HOLDER)
            .where(PostRow.grid_id.in_(grid_ids), in_force(moment))
            .order_by(PostRow.valid_from, PostRow.post_id)
        )
        rows = sorted(self._connection.execute(query), key=lambda row: places[row.grid_id])
        return [(post_of(row), row.name) for row in rows]

    def _posts(self) -> Select[Any]:
        return posts_with_paths(self._tx)

    def _read(self, query: Select[Any]) -> list[Post]:
        return [post_of(row) for row in self._connection.execute(query)]


def posts_with_paths(tx: Transaction) -> Select[Any]:
    """The county's posts, each with its grid's path."""
    posts = ScopedTable(tx, PostRow)
    return posts.select(posts.table, GRIDS.c.path).outerjoin(GRIDS, ON_ITS_GRID)


def at_place(place: Place) -> ColumnElement[bool]:
    """Whether a post is at the place; written so that an index can answer."""
    if place.grid_id is not None:
        return PostRow.grid_id == place.grid_id
    if place.department_id is not None:
        return PostRow.department_id == place.department_id
    return PostRow.grid_id.is_(None) & PostRow.department_id.is_(None)


def within_reach(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a post is at a place that the viewer reaches."""
    if "" in viewer.paths:
        return true()
    subtrees = (below(GRIDS.c.path, path) for path in viewer.paths)
    return or_(
        PostRow.department_id.in_(viewer.departments),
        *(exists().where(ON_ITS_GRID, subtree).correlate(PostRow) for subtree in subtrees),
    )


def in_force(moment: datetime) -> ColumnElement[bool]:
    """Whether a post is held at the moment."""
    return (PostRow.valid_from <= moment) & (
        PostRow.valid_to.is_(None) | (PostRow.valid_to > moment)
    )


def _terms(post: Post) -> dict[str, Any]:
    return {
        "area": post.terms.area,
        "duties": list(post.terms.duties),
        "skills": list(post.terms.skills),
        "attachment": post.terms.attachment.value,
        "basis": post.terms.basis,
    }


def post_of(row: Row[Any]) -> Post:
    """The post of a row that has its grid's path beside it."""
    return Post(
        post_id=row.post_id,
        person_id=row.person_id,
        role_type=row.role_type,
        role_kind=row.role_kind,
        title=row.title,
        capabilities=tuple(row.capabilities),
        place=Place(row.grid_id, row.path, row.department_id),
        valid=Interval(row.valid_from, row.valid_to),
        version=row.version,
        terms=Terms(
            row.area,
            tuple(row.duties),
            tuple(row.skills),
            Attachment(row.attachment),
            row.basis,
        ),
    )
