"""What the use cases need of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.notifications.inbox.domain import Notice
from services.notifications.rules.domain import Contact, HandOver, Holder, StandIn
from shared.context import RequestContext
from shared.structure.store import Structure


class Holders(Protocol):
    """Who holds which post, and how they are reached: local copies of what personnel owns."""

    def keep(self, holder: Holder) -> None:
        """Keep a post unless a newer version of it is kept."""

    def keep_contact(self, contact: Contact) -> None:
        """Keep a contact unless a newer version of it is kept."""

    def keep_stand_in(self, stand_in: StandIn) -> None:
        """Keep who stands in for a post unless a newer version of the leave is kept."""

    def stand_ins(self, posts: Collection[UUID], at: datetime) -> list[StandIn]:
        """Who stands in for the posts at a moment."""

    def names(self, people: Collection[UUID]) -> dict[UUID, str]:
        """Names of people, as far as they are known here."""

    def at_grid(self, grid_id: UUID) -> list[Holder]:
        """All who hold or held a post on the grid."""

    def at_department(self, department_id: str) -> list[Holder]:
        """All who hold or held a post in the department."""

    def at_county(self) -> list[Holder]:
        """All who hold or held a post at the county itself."""


class Notices(Protocol):
    """The county's notices."""

    def add(self, notices: Sequence[Notice]) -> list[Notice]:
        """Write new notices and return those: one sent for the event to the person already stays."""

    def get(self, notice_id: UUID, person_id: UUID) -> Notice:
        """One notice of the person, kept from others' changes. Raises NoticeNotFound."""

    def save(self, notice: Notice) -> None:
        """Keep a changed notice. Raises Aborted when it was changed in between."""

    def hand_over(self, handed: HandOver) -> int:
        """Give the post's unconfirmed notices to the successor; returns how many."""

    def inbox(
        self, person_id: UUID, filters: Mapping[str, Any], after: UUID | None, limit: int
    ) -> list[Notice]:
        """A person's notices, newest first."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class NotificationsTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext
    structure: Structure

    @property
    def holders(self) -> Holders:
        """Who holds which post."""

    @property
    def notices(self) -> Notices:
        """The county's notices."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
