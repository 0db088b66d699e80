"""The register in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.disclosure.base import STRUCTURE
from services.disclosure.register.domain import (
    PUBLISHED,
    Draft,
    ItemNotFound,
    Redaction,
    RegisterItem,
    RegisterKey,
    RegisterQuery,
)
from services.disclosure.register.models import RegisterItemRow
from shared.db.subtree import below
from shared.errors import Aborted

_PLAIN = tuple(name for name in RegisterItem.__slots__ if name != "draft")
_CHANGES = {"state", "publication_id", "version", *Draft.__slots__}
"""What a step changes. Where the grid lies is left alone: it follows the county's own tree."""


class RegisterStore:
    """One county's register."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, item: RegisterItem) -> bool:
        """Write a new item; False where the register has one of the kind about the same."""
        statement = upsert(RegisterItemRow).values(self._values(item)).on_conflict_do_nothing()
        written = self._connection.execute(statement.returning(RegisterItemRow.item_id))
        return written.first() is not None

    def get(self, item_id: UUID) -> RegisterItem:
        """One item. Raises ItemNotFound."""
        row = self._connection.execute(
            select(RegisterItemRow.__table__).where(*self._one(item_id))
        ).first()
        if row is None:
            raise ItemNotFound(item_id=item_id)
        return _item(row)

    def save(self, item: RegisterItem) -> None:
        """Keep a changed item. Raises Aborted when it was changed in between."""
        changed = self._connection.execute(
            update(RegisterItemRow)
            .where(*self._one(item.item_id), RegisterItemRow.version == item.version - 1)
            .values({name: value for name, value in self._values(item).items() if name in _CHANGES})
        )
        if changed.rowcount != 1:
            actual = self.get(item.item_id).version
            raise Aborted(expected=item.version - 1, actual=actual)

    def page(
        self, query: RegisterQuery, after: RegisterKey | None, limit: int
    ) -> list[RegisterItem]:
        """Items that the query asks for, the earliest due first, those without a limit last."""
        conditions = [RegisterItemRow.county_id == self._county_id, _within(query.paths)]
        if query.state is not None:
            conditions.append(RegisterItemRow.state == query.state)
        if query.about_id is not None:
            conditions.append(RegisterItemRow.about_id == query.about_id)
        if after is not None:
            conditions.append(_later(*after))
        rows = self._connection.execute(
            select(RegisterItemRow.__table__)
            .where(*conditions)
            .order_by(RegisterItemRow.due_at.asc().nulls_last(), RegisterItemRow.item_id)
            .limit(limit)
        )
        return [_item(row) for row in rows]

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""
        grids = STRUCTURE.grids
        self._connection.execute(
            update(RegisterItemRow)
            .where(
                RegisterItemRow.county_id == self._county_id,
                RegisterItemRow.grid_id.in_(grid_ids),
                grids.c.county_id == self._county_id,
                grids.c.grid_id == RegisterItemRow.grid_id,
                grids.c.path != RegisterItemRow.grid_path,
            )
            .values(grid_path=grids.c.path)
        )

    def hand_over(self, heirs: Mapping[UUID, UUID]) -> None:
        """Bring what is not published yet from grids that ended to those that take over."""
        grids = STRUCTURE.grids
        for ended, heir in heirs.items():
            path = select(grids.c.path).where(
                grids.c.county_id == self._county_id, grids.c.grid_id == heir
            )
            self._connection.execute(
                update(RegisterItemRow)
                .where(
                    RegisterItemRow.county_id == self._county_id,
                    RegisterItemRow.grid_id == ended,
                    RegisterItemRow.state != PUBLISHED,
                )
                .values(grid_id=heir, grid_path=path.scalar_subquery())
            )

    def _one(self, item_id: UUID) -> tuple[Any, Any]:
        return RegisterItemRow.county_id == self._county_id, RegisterItemRow.item_id == item_id

    def _values(self, item: RegisterItem) -> dict[str, Any]:
        values = {"county_id": self._county_id, **{name: getattr(item, name) for name in _PLAIN}}
        if item.draft is not None:
            values |= asdict(item.draft)
            values["redactions"] = [asdict(redaction) for redaction in item.draft.redactions]
        return values


def _within(paths: tuple[str, ...]) -> Any:
    """The items whose grid lies in any of the subtrees; none where there is no subtree."""
    if not paths:
        return ~true()
    return or_(*(below(RegisterItemRow.grid_path, path) for path in paths))


def _later(due_at: Any, item_id: UUID) -> Any:
    """The items after a place in the list; those without a due time come last."""
    unlimited = RegisterItemRow.due_at.is_(None)
    if due_at is None:
        return and_(unlimited, RegisterItemRow.item_id > item_id)
    place = tuple_(RegisterItemRow.due_at, RegisterItemRow.item_id)
    return or_(place > tuple_(due_at, item_id), unlimited)


def _item(row: Row[Any]) -> RegisterItem:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return RegisterItem(**plain, draft=_draft(row))


def _draft(row: Row[Any]) -> Draft | None:
    if row.submitted_by is None:
        return None
    return Draft(
        title=row.title,
        body=row.body,
        redactions=tuple(Redaction(**redaction) for redaction in row.redactions),
        submitted_by=row.submitted_by,
        approved_by=row.approved_by,
    )
