"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.personnel.domain.people import ContactChanged
from services.personnel.domain.posts import PostAssigned, PostEnded
from shared.eventing.contracts import Emission, EventData
from shared.structure.events import STRUCTURE
from shared.structure.restructuring import GRID_RESTRUCTURED


class PostData(EventData):
    """Data of ``post.assigned.v1`` and ``post.ended.v1``: the post as it stands now."""

    post_id = fields.UUID(required=True, attribute="post.post_id")
    person_id = fields.UUID(required=True, attribute="post.person_id")
    role_type = fields.String(required=True, attribute="post.role_type")
    role_kind = fields.String(required=True, attribute="post.role_kind")
    capabilities = fields.List(fields.String(), required=True, attribute="post.capabilities")
    grid_id = fields.UUID(required=True, allow_none=True, attribute="post.place.grid_id")
    grid_path = fields.String(required=True, allow_none=True, attribute="post.place.grid_path")
    department_id = fields.String(
        required=True, allow_none=True, attribute="post.place.department_id"
    )
    valid_from = fields.AwareDateTime(required=True, attribute="post.valid.start")
    valid_to = fields.AwareDateTime(required=True, allow_none=True, attribute="post.valid.end")


class ContactChangedData(EventData):
    """Data of ``contact.changed.v1``, the only event with personal data."""

    person_id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)


EVENTS = {
    PostAssigned: Emission("post.assigned.v1", PostData()),
    PostEnded: Emission("post.ended.v1", PostData()),
    ContactChanged: Emission("contact.changed.v1", ContactChangedData()),
}
CONSUMES = (*STRUCTURE, GRID_RESTRUCTURED)
