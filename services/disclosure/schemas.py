"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.disclosure.publications.domain import PublicationPublished, PublicationWithdrawn
from shared.case_events import CASE_CLOSED
from shared.eventing.contracts import Emission, EventData, Events
from shared.structure.events import STRUCTURE
from shared.structure.restructuring import GRID_RESTRUCTURED


class PublicationData(EventData):
    """Data of ``publication.published.v1`` and ``publication.withdrawn.v1``.

    ``due_on`` is the last day in the county on which publishing was in time, or null.
    """

    publication_id = fields.UUID(required=True)
    item_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True, allow_none=True)


EVENTS: Events = {
    PublicationPublished: Emission("publication.published.v1", PublicationData()),
    PublicationWithdrawn: Emission("publication.withdrawn.v1", PublicationData()),
}
CONSUMES = (*STRUCTURE, GRID_RESTRUCTURED, CASE_CLOSED)
