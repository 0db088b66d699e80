"""What the use cases about pollution sources need of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from services.grid.sources.files.domain import FileEntry, SourceEvent
from services.grid.sources.ledger.domain import (
    Grading,
    Look,
    PagePlace,
    Profile,
    Source,
    SourceFilters,
    SourceView,
)
from services.grid.sources.lists.domain import Origin, SourceList
from services.grid.sources.objects.domain import LedgerObject, ObjectFilters, ObjectView
from services.grid.sources.totals.domain import Tally


class Sources(Protocol):
    """The county's sources."""

    def lock(self) -> None:
        """Keep others from entering sources in the county until this transaction ends."""

    def add(self, sources: Sequence[Source]) -> None:
        """Write new sources."""

    def save(self, source: Source) -> None:
        """Write a source's next version. Raises Aborted where somebody else wrote it before."""

    def save_all(self, sources: Sequence[Source]) -> None:
        """Write the next versions of sources that ``lock`` and ``known`` keep from others."""

    def get(self, source_id: UUID) -> SourceView:
        """One source. Raises SourceNotFound."""

    def twin(self, profile: Profile, but: UUID | None = None) -> UUID | None:
        """Another source with the same credit code, or the same name in the grid and no other code."""

    def known(
        self, credit_codes: Collection[str], names: Collection[tuple[UUID, str]]
    ) -> list[tuple[Source, str]]:
        """Sources with any of the codes, or any of the names' keys in those grids; with paths."""

    def page(
        self, scopes: Sequence[str], filters: SourceFilters, after: PagePlace | None, limit: int
    ) -> list[SourceView]:
        """Sources in any of the subtrees: grids in path order, each one's sources oldest first."""

    def tallies(self, path: str, by: str) -> list[Tally]:
        """How many sources of each key every grid of the subtree has."""

    def rehome(self, from_grid: UUID, to_grid: UUID) -> list[SourceView]:
        """Give all sources of one grid to another; answers with them as they are then."""

    def grids_at(self, paths: Collection[str]) -> dict[str, tuple[UUID, str]]:
        """Ids and names of the grids at paths, those no longer in force too."""

    def children(self, path: str) -> list[str]:
        """Paths of the grids in force directly below one; of the county's roots for ``""``."""

    def grids_named(self, names: Collection[str]) -> dict[str, list[tuple[UUID, str]]]:
        """Ids and paths of the grids in force that have one of the names."""

    def add_look(self, source_id: UUID, look: Mapping[str, Any]) -> None:
        """Add to the history of verifications."""

    def add_grading(self, source_id: UUID, grading: Mapping[str, Any]) -> None:
        """Add to the history of grades."""

    def add_first_gradings(self, gradings: Sequence[Grading]) -> None:
        """Write the first grades of new sources."""

    def looks(self, source_id: UUID) -> list[Look]:
        """The history of verifications, oldest first."""

    def gradings(self, source_id: UUID) -> list[Grading]:
        """The history of grades, oldest first."""

    def origins(self, source_id: UUID) -> list[Origin]:
        """What lists say of the source, oldest first."""


class SourceLists(Protocol):
    """The county's lists of sources."""

    def add(self, made: SourceList) -> bool:
        """Write a new list; False where the same is there already."""

    def like(self, department_id: str, title: str, received_on: date) -> UUID | None:
        """The list of the department, title and day."""

    def get(self, list_id: UUID) -> SourceList:
        """One list. Raises ListNotFound."""

    def some(self, list_ids: Collection[UUID]) -> dict[UUID, SourceList]:
        """Lists by id."""

    def page(self, department_id: str, after: UUID | None, limit: int) -> list[SourceList]:
        """Lists, newest first, before one."""

    def origins(self, list_id: UUID) -> dict[UUID, Origin]:
        """What the list says, by source."""

    def keep(self, origins: Sequence[Origin]) -> None:
        """Write what a list says, in the place of what it said before."""

    def progress(self, list_id: UUID, path: str) -> list[tuple[str, bool, int]]:
        """How many of the list's sources in each grid below a path were looked at since it came."""


class SourceFiles(Protocol):
    """What the county's files of sources hold."""

    def add(self, entry: FileEntry) -> None:
        """Write a new entry."""

    def save(self, entry: FileEntry) -> None:
        """Write an entry's next version. Raises Aborted where somebody else wrote it before."""

    def get(self, entry_id: UUID) -> FileEntry:
        """One entry. Raises FileEntryNotFound."""

    def entries(self, source_id: UUID, limit: int) -> list[FileEntry]:
        """A source's entries, newest first."""

    def parts(
        self, source_ids: Collection[UUID], parts: Sequence[str]
    ) -> dict[UUID, frozenset[str]]:
        """Which of the parts each source's file has."""

    def known(self, source_ids: Collection[UUID]) -> set[UUID]:
        """Which of these are sources of the county."""

    def add_events(self, events: Sequence[SourceEvent]) -> None:
        """Write what happened to sources of the county."""

    def events(
        self,
        scopes: Sequence[str],
        source_id: UUID | None,
        after: tuple[datetime, UUID, UUID] | None,
        limit: int,
    ) -> list[SourceEvent]:
        """What happened to sources in any of the subtrees, or to one; newest first."""


class LedgerObjects(Protocol):
    """What the county's ledger holds beside sources."""

    def add(self, made: LedgerObject) -> None:
        """Write a new one."""

    def save(self, changed: LedgerObject) -> None:
        """Write the next version. Raises Aborted where somebody else wrote it before."""

    def get(self, object_id: UUID) -> ObjectView:
        """One of them. Raises LedgerObjectNotFound."""

    def page(
        self, scopes: Sequence[str], filters: ObjectFilters, after: UUID | None, limit: int
    ) -> list[ObjectView]:
        """Those in any of the subtrees, oldest first."""

    def rehome(self, from_grid: UUID, to_grid: UUID) -> None:
        """Give all of one grid to another."""

    def link(self, object_id: UUID, source_id: UUID) -> None:
        """Say that it and a source belong together; once is enough."""

    def unlink(self, object_id: UUID, source_id: UUID) -> None:
        """Say that they do not."""
