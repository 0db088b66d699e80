"""What the use cases need of a transaction."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from services.disclosure.publications.domain import Publication, PublicationKey, Withdrawal
from services.disclosure.register.domain import RegisterItem, RegisterKey, RegisterQuery
from shared.context import RequestContext
from shared.structure.store import Structure


class Register(Protocol):
    """The county's register of what must be published."""

    def add(self, item: RegisterItem) -> bool:
        """Write a new item; False where the register has one of the kind about the same."""

    def get(self, item_id: UUID) -> RegisterItem:
        """One item. Raises ItemNotFound."""

    def save(self, item: RegisterItem) -> None:
        """Keep a changed item. Raises Aborted when it was changed in between."""

    def page(
        self, query: RegisterQuery, after: RegisterKey | None, limit: int
    ) -> list[RegisterItem]:
        """Items that the query asks for, the earliest due first, those without a limit last."""

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""

    def hand_over(self, heirs: Mapping[UUID, UUID]) -> None:
        """Bring what is not published yet from grids that ended to those that take over."""


class Publications(Protocol):
    """What the county has published."""

    def add(self, publication: Publication) -> None:
        """Write a version; it is never changed."""

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Record that a publication no longer stands."""

    def next_version(self, item_id: UUID) -> int:
        """The number of the item's next version, from 1."""

    def get(self, publication_id: UUID) -> Publication:
        """One publication. Raises PublicationNotFound."""

    def page(self, kind: str, after: PublicationKey | None, limit: int) -> list[Publication]:
        """Publications, newest first; of one kind unless it is empty."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class DisclosureTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext
    structure: Structure

    @property
    def register(self) -> Register:
        """The county's register."""

    @property
    def publications(self) -> Publications:
        """What the county has published."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
