"""What the ledger holds beside sources, in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, false, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.sources.domain.objects import (
    LedgerObject,
    LedgerObjectNotFound,
    ObjectFilters,
    ObjectView,
)
from services.grid.sources.models.files import LedgerObjectRow, ObjectLinkRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.transaction import Transaction
from shared.errors import Aborted


class LedgerObjectStore:
    """One county's service organisations, sensitive points, waters, projects and equipment."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, made: LedgerObject) -> None:
        """Write a new one."""
        self._connection.execute(
            insert(LedgerObjectRow).values(county_id=self._county_id, **asdict(made))
        )

    def save(self, changed: LedgerObject) -> None:
        """Write the next version. Raises Aborted where somebody else wrote it before."""
        saved = self._connection.execute(
            update(LedgerObjectRow)
            .where(
                LedgerObjectRow.county_id == self._county_id,
                LedgerObjectRow.object_id == changed.object_id,
                LedgerObjectRow.version == changed.version - 1,
            )
            .values(**asdict(changed))
        )
        if saved.rowcount == 0:
            actual = self.get(changed.object_id).object.version
            raise Aborted(expected=changed.version - 1, actual=actual)

    def get(self, object_id: UUID) -> ObjectView:
        """One of them. Raises LedgerObjectNotFound."""
        found = self._views(self._objects().where(LedgerObjectRow.object_id == object_id))
        if not found:
            raise LedgerObjectNotFound(object_id=object_id)
        return found[0]

    def page(
        self, scopes: Sequence[str], filters: ObjectFilters, after: UUID | None, limit: int
    ) -> list[ObjectView]:
        """Those in any of the subtrees, oldest first."""
        query = self._objects().where(or_(false(), *(within(scope) for scope in scopes)))
        for name in ("kind", "type", "state"):
            if value := getattr(filters, name):
                query = query.where(getattr(LedgerObjectRow, name) == value)
        if filters.name:
            query = query.where(LedgerObjectRow.name.contains(filters.name, autoescape=True))
        if filters.source_id is not None:
            linked = select(ObjectLinkRow.object_id).where(
                ObjectLinkRow.county_id == self._county_id,
                ObjectLinkRow.source_id == filters.source_id,
            )
            query = query.where(LedgerObjectRow.object_id.in_(linked))
        if after is not None:
            query = query.where(LedgerObjectRow.object_id > after)
        return self._views(query.order_by(LedgerObjectRow.object_id).limit(limit))

    def rehome(self, from_grid: UUID, to_grid: UUID) -> None:
        """Give all of one grid to another."""
        self._connection.execute(
            update(LedgerObjectRow)
            .where(
                LedgerObjectRow.county_id == self._county_id, LedgerObjectRow.grid_id == from_grid
            )
            .values(grid_id=to_grid, version=LedgerObjectRow.version + 1)
        )

    def link(self, object_id: UUID, source_id: UUID) -> None:
        """Say that it and a source belong together; once is enough."""
        self._connection.execute(
            upsert(ObjectLinkRow)
            .values(county_id=self._county_id, object_id=object_id, source_id=source_id)
            .on_conflict_do_nothing()
        )

    def unlink(self, object_id: UUID, source_id: UUID) -> None:
        """Say that they do not."""
        self._connection.execute(
            delete(ObjectLinkRow).where(
                ObjectLinkRow.county_id == self._county_id,
                ObjectLinkRow.object_id == object_id,
                ObjectLinkRow.source_id == source_id,
            )
        )

    def _objects(self) -> Select[Any]:
        return (
            select(LedgerObjectRow.__table__, GridRow.path, GridRow.name.label("grid_name"))
            .join(
                GridRow,
                (GridRow.county_id == LedgerObjectRow.county_id)
                & (GridRow.grid_id == LedgerObjectRow.grid_id),
            )
            .where(LedgerObjectRow.county_id == self._county_id)
        )

    def _views(self, query: Select[Any]) -> list[ObjectView]:
        rows = self._connection.execute(query).all()
        links = self._links([row.object_id for row in rows])
        return [
            ObjectView(_object(row), row.path, row.grid_name, tuple(links.get(row.object_id, ())))
            for row in rows
        ]

    def _links(self, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        rows = self._connection.execute(
            select(ObjectLinkRow.object_id, ObjectLinkRow.source_id)
            .where(ObjectLinkRow.county_id == self._county_id, ObjectLinkRow.object_id.in_(ids))
            .order_by(ObjectLinkRow.object_id, ObjectLinkRow.source_id)
        )
        found: dict[UUID, list[UUID]] = {}
        for row in rows:
            found.setdefault(row.object_id, []).append(row.source_id)
        return found


def _object(row: Row[Any]) -> LedgerObject:
    return LedgerObject(**{name: getattr(row, name) for name in LedgerObject.__slots__})
