"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.notifications.inbox.domain import NoticeConfirmed
from shared.case_events import CASE_STEPS
from shared.eventing.contracts import Emission, EventData, Events, Subscription
from shared.post_events import (
    LEAVE_ENDED,
    LEAVE_RECORDED,
    POST_ASSIGNED,
    POST_ENDED,
    POST_HANDED_OVER,
)
from shared.structure.events import STRUCTURE


class NoticeConfirmedData(EventData):
    """Data of ``notice.confirmed.v1``."""

    notice_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    about_type = fields.String(required=True)
    about_id = fields.UUID(required=True)
    confirmed_at = fields.AwareDateTime(required=True)


class ContactChangedData(EventData):
    """Data of ``contact.changed.v1``, the one event that carries personal data."""

    person_id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


CONTACT_CHANGED = Subscription("personnel", "contact.changed.v1", ContactChangedData())
EVENTS: Events = {NoticeConfirmed: Emission("notice.confirmed.v1", NoticeConfirmedData())}
CONSUMES = (
    *STRUCTURE,
    POST_ASSIGNED,
    POST_ENDED,
    POST_HANDED_OVER,
    LEAVE_RECORDED,
    LEAVE_ENDED,
    CONTACT_CHANGED,
    *CASE_STEPS,
)
