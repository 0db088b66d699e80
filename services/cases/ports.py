"""What the use cases need of a transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from services.cases.life.domain.case import Case, SourceType
from services.cases.life.domain.history import HistoryEntry
from services.cases.life.domain.listing import Filter, PageKey, Sight
from shared.context import RequestContext
from shared.structure.store import Structure


class Cases(Protocol):
    """The county's cases."""

    def get(self, case_id: UUID) -> Case:
        """One case. Raises CaseNotFound."""

    def lock(self, case_id: UUID) -> Case:
        """One case, which nobody else changes until the transaction ends. Raises CaseNotFound."""

    def page(
        self, wanted: Filter, sight: Sight, after: PageKey | None, limit: int
    ) -> Sequence[Case]:
        """Cases within sight, newest first."""

    def is_open_from(self, source_type: SourceType, source_id: str) -> bool:
        """Whether the source has opened a case before."""

    def next_ordinal(self, day: date) -> int:
        """The next number of the day; two that ask at once wait for one another."""

    def add(self, case: Case) -> None:
        """Write a new case."""

    def save(self, before: Case, after: Case) -> None:
        """Write what changed. Raises Aborted where somebody else was first."""

    def append(self, entry: HistoryEntry) -> None:
        """Add an entry to a case's history."""

    def extend_history(self, case: Case, entry: HistoryEntry) -> None:
        """Add an entry that changes nothing else about the case."""

    def history(self, case_id: UUID) -> Sequence[HistoryEntry]:
        """A case's whole history, oldest first."""

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""

    def open_of_grids(self, grid_ids: Sequence[UUID]) -> Sequence[Case]:
        """Open cases found in one of the grids, or for which one of them answers.

        Nobody else changes them until the transaction ends; so it is below.
        """

    def open_astray(self, grid_ids: Sequence[UUID]) -> Sequence[Case]:
        """Open cases found in one of the grids for which one answers that is not above it."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class CasesTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext
    structure: Structure

    @property
    def cases(self) -> Cases:
        """The county's cases."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
