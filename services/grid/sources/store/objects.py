"""What the ledger holds beside sources, in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_

from services.grid.sources.domain.objects import (
    LedgerObject,
    LedgerObjectNotFound,
    ObjectFilters,
    ObjectView,
)
from services.grid.sources.models.files import LedgerObjectRow, ObjectLinkRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

OLDEST = SortKey(LedgerObjectRow.object_id)


class LedgerObjectStore:
    """One county's service organisations, sensitive points, waters, projects and equipment."""

    def __init__(self, tx: Transaction) -> None:
        self._objects = ScopedTable(tx, LedgerObjectRow, missing=LedgerObjectNotFound)
        self._links = ScopedTable(tx, ObjectLinkRow)

    def add(self, made: LedgerObject) -> None:
        """Write a new one."""
        self._objects.insert(asdict(made))

    def save(self, changed: LedgerObject) -> None:
        """Write the next version. Raises Aborted where somebody else wrote it before."""
        self._objects.save(asdict(changed), changed.version - 1)

    def get(self, object_id: UUID) -> ObjectView:
        """One of them. Raises LedgerObjectNotFound."""
        row = self._objects.first(self._shown().where(LedgerObjectRow.object_id == object_id))
        if row is None:
            raise LedgerObjectNotFound(object_id=object_id)
        return self._views([row])[0]

    def page(
        self, scopes: Sequence[str], filters: ObjectFilters, asked: PageRequest
    ) -> Page[ObjectView]:
        """Return a page of the objects in any of the subtrees, oldest first."""
        query = self._shown().where(or_(false(), *(within(scope) for scope in scopes)))
        for name in ("kind", "type", "state"):
            if value := getattr(filters, name):
                query = query.where(getattr(LedgerObjectRow, name) == value)
        if filters.name:
            query = query.where(LedgerObjectRow.name.contains(filters.name, autoescape=True))
        if filters.source_id is not None:
            linked = self._links.select(ObjectLinkRow.object_id).where(
                ObjectLinkRow.source_id == filters.source_id
            )
            query = query.where(LedgerObjectRow.object_id.in_(linked))
        return self._objects.page(query, OLDEST, asked).map_all(self._views)

    def rehome(self, from_grid: UUID, to_grid: UUID) -> None:
        """Move all objects of one grid to another."""
        changed = {"grid_id": to_grid, "version": LedgerObjectRow.version + 1}
        self._objects.update(changed, grid_id=from_grid)

    def link(self, object_id: UUID, source_id: UUID) -> None:
        """Link an object to a source. Linking again changes nothing."""
        self._links.insert_new([{"object_id": object_id, "source_id": source_id}])

    def unlink(self, object_id: UUID, source_id: UUID) -> None:
        """Remove the link between an object and a source."""
        self._links.delete(object_id=object_id, source_id=source_id)

    def _shown(self) -> Select[Any]:
        return self._objects.select(
            self._objects.table, GridRow.path, GridRow.name.label("grid_name")
        ).join(GridRow, same_county(GridRow, LedgerObjectRow, "grid_id"))

    def _views(self, rows: Sequence[Any]) -> list[ObjectView]:
        links = self._linked([row.object_id for row in rows])
        return [
            ObjectView(_object(row), row.path, row.grid_name, tuple(links.get(row.object_id, ())))
            for row in rows
        ]

    def _linked(self, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        rows = self._links.all(
            self._links.select(ObjectLinkRow.object_id, ObjectLinkRow.source_id)
            .where(ObjectLinkRow.object_id.in_(ids))
            .order_by(ObjectLinkRow.object_id, ObjectLinkRow.source_id)
        )
        found: dict[UUID, list[UUID]] = {}
        for row in rows:
            found.setdefault(row.object_id, []).append(row.source_id)
        return found


def _object(row: Any) -> LedgerObject:
    return LedgerObject(**{name: getattr(row, name) for name in LedgerObject.__slots__})
