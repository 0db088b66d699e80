"""Files of sources in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_

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
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NEWEST = SortKey(
    SourceEventRow.at, SourceEventRow.event_id, SourceEventRow.source_id, descending=True
)


class SourceFileStore:
    """What one county's files hold."""

    def __init__(self, tx: Transaction) -> None:
        self._entries = ScopedTable(tx, FileEntryRow, missing=FileEntryNotFound)
        self._sources = ScopedTable(tx, SourceRow)
        self._events = ScopedTable(tx, SourceEventRow)

    def add(self, entry: FileEntry) -> None:
        """Write a new entry."""
        self._entries.insert(_values(entry))

    def save(self, entry: FileEntry) -> None:
        """Write an entry's next version. Raises Aborted where somebody else wrote it before."""
        self._entries.save(_values(entry), entry.version - 1)

    def get(self, entry_id: UUID) -> FileEntry:
        """One entry. Raises FileEntryNotFound."""
        return _entry(self._entries.get(entry_id=entry_id))

    def entries(self, source_id: UUID, limit: int) -> list[FileEntry]:
        """A source's entries, newest first."""
        rows = self._entries.all(
            self._entries.select()
            .where(FileEntryRow.source_id == source_id)
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
        rows = self._sources.all(
            self._sources.select(SourceRow.source_id, *(has_part(part) for part in parts)).where(
                _among(source_ids)
            )
        )
        return {
            row[0]: frozenset(part for part, has in zip(parts, row[1:], strict=True) if has)
            for row in rows
        }

    def known(self, source_ids: Collection[UUID]) -> set[UUID]:
        """Which of these are sources of the county."""
        query = self._sources.select(SourceRow.source_id)
        return {row.source_id for row in self._sources.all(query.where(_among(source_ids)))}

    def add_events(self, events: Sequence[SourceEvent]) -> None:
        """Write what happened to sources of the county."""
        self._events.insert_new([asdict(event) for event in events])

    def events_of(self, source_id: UUID, limit: int) -> list[SourceEvent]:
        """What happened to one source, newest first."""
        order = [column.desc() for column in NEWEST.columns]
        query = self._events.select().where(SourceEventRow.source_id == source_id)
        return [_event(row) for row in self._events.all(query.order_by(*order).limit(limit))]

    def events(
        self, scopes: Sequence[str], source_id: UUID | None, asked: PageRequest
    ) -> Page[SourceEvent]:
        """What happened to sources in any of the subtrees, or to one; newest first."""
        query = self._events.select()
        if source_id is not None:
            query = query.where(SourceEventRow.source_id == source_id)
        elif "" not in scopes:
            query = (
                query.join(SourceRow, same_county(SourceRow, SourceEventRow, "source_id"))
                .join(GridRow, same_county(GridRow, SourceRow, "grid_id"))
                .where(or_(false(), *(within(scope) for scope in scopes)))
            )
        return self._events.page(query, NEWEST, asked).map(_event)


def _among(source_ids: Collection[UUID]) -> ColumnElement[bool]:
    return SourceRow.source_id.in_(source_ids)


def _event(row: Any) -> SourceEvent:
    return SourceEvent(**{name: getattr(row, name) for name in SourceEvent.__slots__})


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
