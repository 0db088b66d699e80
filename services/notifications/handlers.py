"""Events in, events out: the nameko side of the service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.notifications.rules import usecases
from services.notifications.rules.domain import Contact, HandOver, Holder, StandIn
from services.notifications.schemas import CONTACT_CHANGED
from services.notifications.store import make_transaction
from shared.case_handlers import CaseStepEvents
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.post_events import (
    LEAVE_ENDED,
    LEAVE_RECORDED,
    POST_ASSIGNED,
    POST_ENDED,
    POST_HANDED_OVER,
)
from shared.structure.handlers import StructureEvents

Data = Mapping[str, Any]


class NotificationEvents(StructureEvents, CaseStepEvents):
    """Sends the notices that the county's rules ask for."""

    name = "notifications"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(POST_ASSIGNED)
    def on_post_assigned(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Keep who holds the post."""
        _keep_post(tx, event, data)

    @on_event(POST_ENDED)
    def on_post_ended(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Keep until when the post was held."""
        _keep_post(tx, event, data)

    @on_event(POST_HANDED_OVER)
    def on_post_handed_over(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Give the successor what is open, and report the change upward."""
        usecases.follow_hand_over(tx, event.id, HandOver(**data), datetime.now(UTC))

    @on_event(LEAVE_RECORDED)
    def on_leave_recorded(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Keep who stands in for the post."""
        usecases.keep_stand_in(tx, StandIn(version=event.sequence, **data))

    @on_event(LEAVE_ENDED)
    def on_leave_ended(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Keep until when the post was stood in for."""
        usecases.keep_stand_in(tx, StandIn(version=event.sequence, **data))

    @on_event(CONTACT_CHANGED)
    def on_contact_changed(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Keep how the person is reached."""
        usecases.keep_contact(tx, Contact(version=event.sequence, **data))

    def on_case_step(self, tx: Transaction, event: Envelope, data: Data) -> None:
        """Send notices to the people whom the county's rules name for the step."""
        usecases.tell_of_case(tx, event.id, event.key, data, datetime.now(UTC))


def _keep_post(tx: Transaction, event: Envelope, data: Data) -> None:
    usecases.keep_post(
        tx,
        Holder(
            post_id=data["post_id"],
            version=event.sequence,
            person_id=data["person_id"],
            role_kind=data["role_kind"],
            grid_id=data["grid_id"],
            department_id=data["department_id"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        ),
    )
