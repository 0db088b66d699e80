"""What the use cases need of a transaction."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from services.patrols.ledger.domain import LedgerEntry, LedgerHead
from shared.context import RequestContext
from shared.structure.store import Structure


class Ledger(Protocol):
    """The county's patrol ledger."""

    def place(self, patroller_id: UUID, client_id: str) -> tuple[LedgerHead, UUID | None]:
        """The patroller's last place, and the patrol that has the client id already."""

    def add(self, entry: LedgerEntry) -> None:
        """Write a new entry."""

    def get(self, patrol_id: UUID) -> LedgerEntry:
        """One entry. Raises PatrolNotFound."""

    def page(
        self,
        paths: Sequence[str],
        patroller_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[LedgerEntry]:
        """Entries in any of the subtrees, newest first."""

    def whole(self, patroller_id: UUID) -> list[LedgerEntry]:
        """A patroller's entries, in order."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class PatrolsTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext
    structure: Structure

    @property
    def ledger(self) -> Ledger:
        """The county's patrol ledger."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
