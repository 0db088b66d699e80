"""Events in, events out: the nameko side of the service."""

from datetime import UTC, datetime

from services.notifications.rules import usecases
from services.notifications.rules.domain import Contact, Holder, StandIn
from services.notifications.store import make_transaction
from shared.case_handlers import CaseStepEvents
from shared.contracts.cases import CaseFacts
from shared.contracts.declare import values_of
from shared.contracts.personnel import (
    ContactChanged,
    LeaveEnded,
    LeaveRecorded,
    PostAssigned,
    PostEnded,
    PostFacts,
    PostHandedOver,
)
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents


class NotificationEvents(StructureEvents, CaseStepEvents):
    """Sends the notices that the county's rules ask for."""

    name = "notifications"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(PostAssigned)
    def on_post_assigned(self, tx: Transaction, event: Envelope, data: PostAssigned) -> None:
        """Keep who holds the post."""
        _keep_post(tx, event, data)

    @on_event(PostEnded)
    def on_post_ended(self, tx: Transaction, event: Envelope, data: PostEnded) -> None:
        """Keep until when the post was held."""
        _keep_post(tx, event, data)

    @on_event(PostHandedOver)
    def on_post_handed_over(self, tx: Transaction, event: Envelope, data: PostHandedOver) -> None:
        """Give unconfirmed notices to the successor, and report the change upward."""
        usecases.follow_hand_over(tx, event.id, data, datetime.now(UTC))

    @on_event(LeaveRecorded)
    def on_leave_recorded(self, tx: Transaction, event: Envelope, data: LeaveRecorded) -> None:
        """Keep who stands in for the post."""
        usecases.keep_stand_in(tx, StandIn(version=event.sequence, **values_of(data)))

    @on_event(LeaveEnded)
    def on_leave_ended(self, tx: Transaction, event: Envelope, data: LeaveEnded) -> None:
        """Keep until when the post was stood in for."""
        usecases.keep_stand_in(tx, StandIn(version=event.sequence, **values_of(data)))

    @on_event(ContactChanged)
    def on_contact_changed(self, tx: Transaction, event: Envelope, data: ContactChanged) -> None:
        """Keep how the person is reached."""
        usecases.keep_contact(tx, Contact(version=event.sequence, **values_of(data)))

    def on_case_step(self, tx: Transaction, event: Envelope, data: CaseFacts) -> None:
        """Send notices to the people whom the county's rules name for the step."""
        usecases.notify_of_case(tx, event.id, event.key, data, datetime.now(UTC))


def _keep_post(tx: Transaction, event: Envelope, post: PostFacts) -> None:
    usecases.keep_post(
        tx,
        Holder(
            post_id=post.post_id,
            version=event.sequence,
            person_id=post.person_id,
            role_kind=post.role_kind,
            grid_id=post.grid_id,
            department_id=post.department_id,
            valid_from=post.valid_from,
            valid_to=post.valid_to,
        ),
    )
