"""Files of sources in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, false, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.sources.domain.files import (
    FileContent,
    FileEntry,
    FileEntryNotFound,
    SourceEvent,
)
from services.grid.sources.models.files import FileEntryRow, SourceEventRow
from services.grid.sources.models.ledger import SourceRow
from services.grid.sources.store.parts import has_part
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import within
from shared.db.transaction import Transaction
from shared.errors import Aborted


class SourceFileStore:
    """What one county's files hold."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, entry: FileEntry) -> None:
        """Write a new entry."""
        self._connection.execute(
            insert(FileEntryRow).values(county_id=self._county_id, **_values(entry))
        )

    def save(self, entry: FileEntry) -> None:
        """Write an entry's next version. Raises Aborted where somebody else wrote it before."""
        saved = self._connection.execute(
            update(FileEntryRow)
            .where(
                FileEntryRow.county_id == self._county_id,
                FileEntryRow.entry_id == entry.entry_id,
                FileEntryRow.version == entry.version - 1,
            )
            .values(**_values(entry))
        )
        if saved.rowcount == 0:
            actual = self.get(entry.entry_id).version
            raise Aborted(expected=entry.version - 1, actual=actual)

    def get(self, entry_id: UUID) -> FileEntry:
        """One entry. Raises FileEntryNotFound."""
        row = self._connection.execute(
            select(FileEntryRow.__table__).where(
                FileEntryRow.county_id == self._county_id, FileEntryRow.entry_id == entry_id
            )
        ).first()
        if row is None:
            raise FileEntryNotFound(entry_id=entry_id)
        return _entry(row)

    def entries(self, source_id: UUID, limit: int) -> list[FileEntry]:
        """A source's entries, newest first."""
        rows = self._connection.execute(
            select(FileEntryRow.__table__)
            .where(FileEntryRow.county_id == self._county_id, FileEntryRow.source_id == source_id)
            .order_by(FileEntryRow.entry_id.desc())
            .limit(limit)
        )
        return [_entry(row) for row in rows]

    def parts(
        self, source_ids: Collection[UUID], parts: Sequence[str]
    ) -> dict[UUID, frozenset[str]]:
        """Which of the parts each source's file has."""
        if not parts:
            return dict.fromkeys(source_ids, frozenset())
        rows = self._connection.execute(
            select(SourceRow.source_id, *(has_part(part) for part in parts)).where(
                SourceRow.county_id == self._county_id, SourceRow.source_id.in_(source_ids)
            )
        )
        return {
            row[0]: frozenset(part for part, has in zip(parts, row[1:], strict=True) if has)
            for row in rows
        }

    def known(self, source_ids: Collection[UUID]) -> set[UUID]:
        """Which of these are sources of the county."""
        rows = self._connection.execute(
            select(SourceRow.source_id).where(
                SourceRow.county_id == self._county_id, SourceRow.source_id.in_(source_ids)
            )
        )
        return {row.source_id for row in rows}

    def add_events(self, events: Sequence[SourceEvent]) -> None:
        """Write what happened to sources of the county."""
        if events:
            rows = [{**asdict(event), "county_id": self._county_id} for event in events]
            self._connection.execute(upsert(SourceEventRow).on_conflict_do_nothing(), rows)

    def events(
        self,
        scopes: Sequence[str],
        source_id: UUID | None,
        after: tuple[datetime, UUID, UUID] | None,
        limit: int,
    ) -> list[SourceEvent]:
        """What happened to sources in any of the subtrees, or to one; newest first."""
        order = (SourceEventRow.at, SourceEventRow.event_id, SourceEventRow.source_id)
        query = select(SourceEventRow.__table__).where(SourceEventRow.county_id == self._county_id)
        if source_id is not None:
            query = query.where(SourceEventRow.source_id == source_id)
        elif "" not in scopes:
            query = (
                query.join(
                    SourceRow,
                    (SourceRow.county_id == SourceEventRow.county_id)
                    & (SourceRow.source_id == SourceEventRow.source_id),
                )
                .join(
                    GridRow,
                    (GridRow.county_id == SourceRow.county_id)
                    & (GridRow.grid_id == SourceRow.grid_id),
                )
                .where(or_(false(), *(within(scope) for scope in scopes)))
            )
        if after is not None:
            query = query.where(SourceEventRow.at <= after[0], tuple_(*order) < after)
        rows = self._connection.execute(
            query.order_by(*(column.desc() for column in order)).limit(limit)
        )
        names = SourceEvent.__slots__
        return [SourceEvent(**{name: getattr(row, name) for name in names}) for row in rows]


def _values(entry: FileEntry) -> dict[str, Any]:
    return {
        **asdict(entry.content),
        "entry_id": entry.entry_id,
        "source_id": entry.source_id,
        "created_at": entry.created_at,
        "version": entry.version,
    }


def _entry(row: Row[Any]) -> FileEntry:
    content = FileContent(**{name: getattr(row, name) for name in FileContent.__slots__})
    return FileEntry(
        entry_id=row.entry_id,
        source_id=row.source_id,
        content=content,
        created_at=row.created_at,
        version=row.version,
    )
