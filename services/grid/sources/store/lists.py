"""Lists of sources in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.sources.domain.lists import ListNotFound, Origin, SourceList
from services.grid.sources.models.ledger import OriginRow, SourceListRow, SourceRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.transaction import Transaction

NAMES = tuple(name for name in SourceList.__slots__ if name != "origins")
PER_STATEMENT = 1000
NO_GRID = UUID(int=0)


def follow_sources(county_id: str) -> Update:
    """Give what lists say the grids of their sources."""
    return (
        update(OriginRow)
        .where(
            OriginRow.county_id == county_id,
            SourceRow.county_id == county_id,
            OriginRow.source_id == SourceRow.source_id,
            OriginRow.grid_id != SourceRow.grid_id,
        )
        .values(grid_id=SourceRow.grid_id)
    )


class SourceListStore:
    """One county's lists, and what they say."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, made: SourceList) -> bool:
        """Write a new list; False where the same is there already."""
        added = self._connection.execute(
            upsert(SourceListRow)
            .values(county_id=self._county_id, **{name: getattr(made, name) for name in NAMES})
            .on_conflict_do_nothing()
            .returning(SourceListRow.list_id)
        )
        return added.first() is not None

    def like(self, department_id: str, title: str, received_on: date) -> UUID | None:
        """The list of the department, title and day."""
        found: UUID | None = self._connection.execute(
            select(SourceListRow.list_id).where(
                SourceListRow.county_id == self._county_id,
                SourceListRow.department_id == department_id,
                SourceListRow.title == title,
                SourceListRow.received_on == received_on,
            )
        ).scalar()
        return found

    def get(self, list_id: UUID) -> SourceList:
        """One list. Raises ListNotFound."""
        found = self._read(self._lists().where(SourceListRow.list_id == list_id))
        if not found:
            raise ListNotFound(list_id=list_id)
        return found[0]

    def some(self, list_ids: Collection[UUID]) -> dict[UUID, SourceList]:
        """Lists by id."""
        found = self._read(self._lists().where(SourceListRow.list_id.in_(list_ids)))
        return {each.list_id: each for each in found}

    def page(self, department_id: str, after: UUID | None, limit: int) -> list[SourceList]:
        """Lists, newest first, before one."""
        query = self._lists()
        if department_id:
            query = query.where(SourceListRow.department_id == department_id)
        if after is not None:
            query = query.where(SourceListRow.list_id < after)
        return self._read(query.order_by(SourceListRow.list_id.desc()).limit(limit))

    def origins(self, list_id: UUID) -> dict[UUID, Origin]:
        """What the list says, by source."""
        rows = self._connection.execute(
            select(OriginRow.__table__).where(
                OriginRow.county_id == self._county_id, OriginRow.list_id == list_id
            )
        )
        return {
            row.source_id: Origin(**{name: getattr(row, name) for name in Origin.__slots__})
            for row in rows
        }

    def keep(self, origins: Sequence[Origin]) -> None:
        """Write what a list says, in the place of what it said before."""
        for start in range(0, len(origins), PER_STATEMENT):
            part = origins[start : start + PER_STATEMENT]
            statement = upsert(OriginRow).values(
                [
                    {**asdict(origin), "county_id": self._county_id, "grid_id": NO_GRID}
                    for origin in part
                ]
            )
            changed = {name: statement.excluded[name] for name in ("row", "said")}
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["county_id", "source_id", "list_id"], set_=changed
                )
            )
        self._connection.execute(
            follow_sources(self._county_id).where(OriginRow.grid_id == NO_GRID)
        )

    def progress(self, list_id: UUID, path: str) -> list[tuple[str, bool, int]]:
        """How many of the list's sources in each grid below a path were looked at since it came."""
        done = func.coalesce(SourceRow.verified_at >= OriginRow.added_at, False)
        rows = self._connection.execute(
            select(GridRow.path, done.label("done"), func.count().label("number"))
            .select_from(OriginRow)
            .join(
                SourceRow,
                (SourceRow.county_id == OriginRow.county_id)
                & (SourceRow.source_id == OriginRow.source_id),
            )
            .join(
                GridRow,
                (GridRow.county_id == SourceRow.county_id) & (GridRow.grid_id == SourceRow.grid_id),
            )
            .where(OriginRow.county_id == self._county_id, OriginRow.list_id == list_id)
            .where(within(path))
            .group_by(GridRow.path, done)
        )
        return [(row.path, row.done, row.number) for row in rows]

    def _lists(self) -> Select[Any]:
        named = (
            select(func.count())
            .where(
                OriginRow.county_id == SourceListRow.county_id,
                OriginRow.list_id == SourceListRow.list_id,
            )
            .scalar_subquery()
        )
        return select(SourceListRow.__table__, named.label("origins")).where(
            SourceListRow.county_id == self._county_id
        )

    def _read(self, query: Select[Any]) -> list[SourceList]:
        return [
            SourceList(**{name: getattr(row, name) for name in SourceList.__slots__})
            for row in self._connection.execute(query)
        ]
