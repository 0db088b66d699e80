"""How far a capability reaches over people, in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, true

from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.posts import within_reach
from services.personnel.roster.models import PersonRow
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction


class PermissionStore:
    """Which people of one county a capability reaches, by the posts they hold or held."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._person_table = ScopedTable(tx, PersonRow)

    def staffed(self, people: Collection[UUID], viewer: Viewer) -> frozenset[UUID]:
        """Those of the people whom the viewer may staff, among them all who never held a post."""
        rows = self._connection.execute(
            select(PersonRow.person_id).where(
                self._person_table.own,
                PersonRow.person_id.in_(people),
                staffable(PersonRow, viewer),
            )
        )
        return frozenset(rows.scalars())

    def is_readable(self, person_id: UUID, viewer: Viewer) -> bool:
        """Whether the viewer may read the person's records."""
        query = select(PersonRow.person_id).where(
            self._person_table.own,
            PersonRow.person_id == person_id,
            readable(PersonRow, viewer),
        )
        return self._connection.execute(query).first() is not None


def readable(of: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may read the records of the person whom a row names.

    True of the viewers themselves, and of those who hold or held a post within their reach.
    """
    if "" in viewer.paths:
        return true()
    theirs = same_county(PostRow, of, "person_id")
    return or_(of.person_id == viewer.person_id, exists().where(theirs, within_reach(viewer)))


def staffable(of: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may staff the person of a row; everybody may staff one who never held a post."""
    held = exists().where(same_county(PostRow, of, "person_id"))
    return or_(readable(of, viewer), ~held)
