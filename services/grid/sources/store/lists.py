"""Lists of sources in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from services.grid.sources.domain.lists import ListNotFound, Origin, SourceList
from services.grid.sources.models.ledger import OriginRow, SourceListRow, SourceRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NAMES = tuple(name for name in SourceList.__slots__ if name != "origins")
PER_STATEMENT = 1000
NO_GRID = UUID(int=0)
NEWEST = SortKey(SourceListRow.list_id, descending=True)


def follow_sources(origins: ScopedTable, *conditions: ColumnElement[bool]) -> None:
    """Give what lists say the grids of their sources."""
    moved = and_(
        same_county(OriginRow, SourceRow, "source_id"), OriginRow.grid_id != SourceRow.grid_id
    )
    origins.update({"grid_id": SourceRow.grid_id}, moved, *conditions)


class SourceListStore:
    """One county's lists, and what they say."""

    def __init__(self, tx: Transaction) -> None:
        self._lists = ScopedTable(tx, SourceListRow)
        self._origins = ScopedTable(tx, OriginRow)

    def add(self, made: SourceList) -> bool:
        """Write a new list; False where the same is there already."""
        return bool(self._lists.insert_new([{name: getattr(made, name) for name in NAMES}]))

    def like(self, department_id: str, title: str, received_on: date) -> UUID | None:
        """The list of the department, title and day."""
        row = self._lists.find(department_id=department_id, title=title, received_on=received_on)
        return None if row is None else row.list_id

    def get(self, list_id: UUID) -> SourceList:
        """One list. Raises ListNotFound."""
        row = self._lists.first(self._counted().where(SourceListRow.list_id == list_id))
        if row is None:
            raise ListNotFound(list_id=list_id)
        return _list(row)

    def some(self, list_ids: Collection[UUID]) -> dict[UUID, SourceList]:
        """Lists by id."""
        rows = self._lists.all(self._counted().where(SourceListRow.list_id.in_(list_ids)))
        return {row.list_id: _list(row) for row in rows}

    def page(self, department_id: str, asked: PageRequest) -> Page[SourceList]:
        """Lists, newest first."""
        query = self._counted()
        if department_id:
            query = query.where(SourceListRow.department_id == department_id)
        return self._lists.page(query, NEWEST, asked).map(_list)

    def origins(self, list_id: UUID) -> dict[UUID, Origin]:
        """What the list says, by source."""
        rows = self._origins.all(self._origins.select().where(OriginRow.list_id == list_id))
        return {
            row.source_id: Origin(**{name: getattr(row, name) for name in Origin.__slots__})
            for row in rows
        }

    def keep(self, origins: Sequence[Origin]) -> None:
        """Write what a list says, in place of what it said before."""
        for start in range(0, len(origins), PER_STATEMENT):
            part = origins[start : start + PER_STATEMENT]
            self._origins.upsert(
                [{**asdict(origin), "grid_id": NO_GRID} for origin in part], ("row", "said")
            )
        follow_sources(self._origins, OriginRow.grid_id == NO_GRID)

    def progress(self, list_id: UUID, path: str) -> list[tuple[str, bool, int]]:
        """Count the list's sources in each grid at or below a path, by whether they were verified since."""
        done = func.coalesce(SourceRow.verified_at >= OriginRow.added_at, False)
        rows = self._origins.all(
            self._origins.select(GridRow.path, done.label("done"), func.count().label("number"))
            .select_from(OriginRow)
            .join(SourceRow, same_county(SourceRow, OriginRow, "source_id"))
            .join(GridRow, same_county(GridRow, SourceRow, "grid_id"))
            .where(OriginRow.list_id == list_id, within(path))
            .group_by(GridRow.path, done)
        )
        return [(row.path, row.done, row.number) for row in rows]

    def _counted(self) -> Select[Any]:
        """Lists with the number of sources that each names."""
        named = (
            select(func.count())
            .where(same_county(OriginRow, SourceListRow, "list_id"))
            .scalar_subquery()
        )
        return self._lists.select(self._lists.table, named.label("origins"))


def _list(row: Any) -> SourceList:
    return SourceList(**{name: getattr(row, name) for name in SourceList.__slots__})
