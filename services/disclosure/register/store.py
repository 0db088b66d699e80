"""The register in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_

from services.disclosure.base import STRUCTURE
from services.disclosure.register.domain import (
    PUBLISHED,
    CaseSource,
    Draft,
    ItemNotFound,
    Masked,
    Redaction,
    RegisterItem,
    RegisterQuery,
    RegisterState,
)
from services.disclosure.register.models import RegisterItemRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest
from shared.structure.following import follow_grids

_PLAIN = tuple(name for name in RegisterItem.__slots__ if name not in ("draft", "source"))
_CHANGES = {"item_id", "state", "publication_id", "version", "source", *Draft.__slots__}
"""Columns that a step changes. The grid's path is none of them, because it follows the grid."""
EARLIEST_DUE = SortKey(RegisterItemRow.due_at, RegisterItemRow.item_id)


class RegisterStore:
    """One county's register."""

    def __init__(self, tx: Transaction) -> None:
        self._items = ScopedTable(tx, RegisterItemRow, missing=ItemNotFound)
        self._grids = ScopedTable(tx, STRUCTURE.grids)

    def add(self, item: RegisterItem) -> bool:
        """Write a new item; False where the register has one of the kind about the same."""
        return bool(self._items.insert_new([_values(item)]))

    def get(self, item_id: UUID) -> RegisterItem:
        """One item. Raises ItemNotFound."""
        return _item(self._items.get(item_id=item_id))

    def save(self, item: RegisterItem) -> None:
        """Keep a changed item. Raises Aborted when it was changed in between."""
        values = {name: value for name, value in _values(item).items() if name in _CHANGES}
        self._items.save(values, item.version - 1)

    def page(self, wanted: RegisterQuery, asked: PageRequest) -> Page[RegisterItem]:
        """Items that match the query, the earliest due first, those without a limit last."""
        query = self._items.select().where(_within(wanted.paths))
        if wanted.state is not None:
            query = query.where(RegisterItemRow.state == wanted.state.value)
        if wanted.about_id is not None:
            query = query.where(RegisterItemRow.about_id == wanted.about_id)
        return self._items.page(query, EARLIEST_DUE, asked).map(_item)

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Set the paths of items to the present paths of their grids."""
        follow_grids(self._items, STRUCTURE, grid_ids)

    def hand_over(self, heirs: Mapping[UUID, UUID]) -> None:
        """Move items that are not published from grids that ended to those that take over."""
        for ended, heir in heirs.items():
            path = self._grids.select(STRUCTURE.grids.c.path).where(
                STRUCTURE.grids.c.grid_id == heir
            )
            self._items.update(
                {"grid_id": heir, "grid_path": path.scalar_subquery()},
                RegisterItemRow.state != PUBLISHED.value,
                grid_id=ended,
            )


def _within(paths: tuple[str, ...]) -> ColumnElement[bool]:
    """The items whose grid lies in any of the subtrees; none where there is no subtree."""
    return or_(false(), *(below(RegisterItemRow.grid_path, path) for path in paths))


def _values(item: RegisterItem) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in _PLAIN} | {"state": item.state.value}
    values["source"] = None if item.source is None else _source_values(item.source)
    if item.draft is not None:
        values |= asdict(item.draft)
        values["redactions"] = [asdict(redaction) for redaction in item.draft.redactions]
    return values


def _item(row: Row[Any]) -> RegisterItem:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return RegisterItem(
        **{**plain, "state": RegisterState(row.state)}, draft=_draft(row), source=_source(row)
    )


def _source_values(source: CaseSource) -> dict[str, Any]:
    return asdict(source) | {
        "grid_id": str(source.grid_id),
        "responsible_grid_id": str(source.responsible_grid_id),
    }


def _source(row: Row[Any]) -> CaseSource | None:
    if row.source is None:
        return None
    return CaseSource(
        number=row.source["number"],
        result=row.source["result"],
        masked=tuple(Masked(**masked) for masked in row.source["masked"]),
        grid_id=UUID(row.source["grid_id"]),
        responsible_grid_id=UUID(row.source["responsible_grid_id"]),
        department_ids=tuple(row.source["department_ids"]),
    )


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
