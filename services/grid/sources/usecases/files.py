"""Files of sources (一企一档): their entries, their missing parts, and what events reported."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.sources.domain import files as rules
from services.grid.sources.domain.files import FileContent, FileEntry, SourceEvent
from services.grid.sources.domain.ledger import SourceFilters, SourceView
from services.grid.sources.domain.objects import ObjectFilters, ObjectView
from services.grid.sources.domain.settings import FilePart
from services.grid.sources.store.files import SourceFileStore
from services.grid.sources.store.ledger import SourceStore
from services.grid.sources.store.objects import LedgerObjectStore
from services.grid.sources.usecases.ledger import get_source, list_sources, require_write, scopes_of
from services.grid.sources.usecases.settings import settings_of
from services.grid.tree.usecases.permissions import WHOLE_COUNTY
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.paging import Page, PageRequest

SHOWN = 500
"""The most entries, events and linked objects, each, that a file shows."""


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of a file, and whether the file has it."""

    part: FilePart
    present: bool


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source with its file: parts, entries, events and linked objects."""

    view: SourceView
    parts: tuple[PartState, ...]
    entries: list[FileEntry]
    events: list[SourceEvent]
    objects: Sequence[ObjectView]

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of the required parts that are missing."""
        return tuple(each.part.id for each in self.parts if each.part.required and not each.present)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that an event reports about sources. ``facts`` hold ids, codes and counts."""

    event_id: UUID
    key: str
    about_id: UUID
    at: datetime
    facts: Mapping[str, Any]


def get_file(tx: Transaction, source_id: UUID, now: datetime) -> SourceFile:
    """Return a source's file. Raises SourceNotFound, PermissionDenied."""
    view = get_source(tx, source_id)
    standard = settings_of(tx, now).file_standard
    stated = {part.id for part in standard}
    others = (
        FilePart(key, name, required=False)
        for key, name in rules.PARTS.items()
        if key not in stated
    )
    parts = (*standard, *others)
    present = tx.store(SourceFileStore).parts([source_id], [part.id for part in parts])[source_id]
    linked = ObjectFilters(source_id=source_id)
    return SourceFile(
        view,
        tuple(PartState(part, part.id in present) for part in parts),
        tx.store(SourceFileStore).entries(source_id, SHOWN),
        tx.store(SourceFileStore).events_of(source_id, SHOWN),
        tx.store(LedgerObjectStore).page(WHOLE_COUNTY, linked, PageRequest(SHOWN)).items,
    )


def add_entry(
    tx: Transaction, source_id: UUID, entry_id: UUID, content: FileContent, now: datetime
) -> FileEntry:
    """Put an entry into a file. Raises SourceNotFound, PermissionDenied, InvalidArgument."""
    require_write(tx.context, tx.store(SourceStore).get(source_id).grid_path)
    rules.check(content, settings_of(tx, now))
    entry = FileEntry(
        entry_id=entry_id, source_id=source_id, content=content, created_at=now, version=1
    )
    tx.store(SourceFileStore).add(entry)
    return entry


def update_entry(
    tx: Transaction,
    entry_id: UUID,
    expected_version: int,
    given: Mapping[str, Any],
    now: datetime,
) -> FileEntry:
    """Change what is given. Raises FileEntryNotFound, PermissionDenied, InvalidArgument, Aborted."""
    before = tx.store(SourceFileStore).get(entry_id)
    require_write(tx.context, tx.store(SourceStore).get(before.source_id).grid_path)
    require_version(expected_version, before.version)
    content = replace(before.content, **given)
    if content == before.content:
        return before
    rules.check(content, settings_of(tx, now))
    after = replace(before, content=content, version=before.version + 1)
    tx.store(SourceFileStore).save(after)
    return after


def list_incomplete(
    tx: Transaction, grid_id: UUID | None, asked: PageRequest, now: datetime
) -> Page[tuple[SourceView, tuple[str, ...]]]:
    """List sources whose file lacks required parts, with those parts.

    The list is empty if the county states no standard.
    """
    required = settings_of(tx, now).required_parts
    if not required:
        scopes_of(tx, grid_id)
        return Page([])
    found = list_sources(tx, grid_id, SourceFilters(lacking=required), asked)
    have = tx.store(SourceFileStore).parts(
        [view.source.source_id for view in found.items], required
    )
    return found.map(
        lambda view: (
            view,
            tuple(part for part in required if part not in have[view.source.source_id]),
        )
    )


def list_events(
    tx: Transaction,
    grid_id: UUID | None,
    source_id: UUID | None,
    asked: PageRequest,
) -> Page[SourceEvent]:
    """List what happened to the sources of a grid and all below it, or to one source."""
    if source_id is not None:
        get_source(tx, source_id)
    return tx.store(SourceFileStore).events(scopes_of(tx, grid_id), source_id, asked)


def record(tx: Transaction, source_ids: Collection[UUID], occurrence: Occurrence) -> None:
    """Keep what happened to sources.

    The event's sender does not know the ledger, so an id that the county's ledger does not have is
    left out.
    """
    if not source_ids:
        return
    known = tx.store(SourceFileStore).known(source_ids)
    tx.store(SourceFileStore).add_events(
        [
            SourceEvent(
                occurrence.event_id,
                source_id,
                occurrence.key,
                occurrence.about_id,
                occurrence.at,
                occurrence.facts,
            )
            for source_id in sorted(known)
        ]
    )
