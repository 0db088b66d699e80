"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.patrols.ledger.domain import FindingReported, PatrolSubmitted
from shared.eventing.contracts import Emission, EventData, Events
from shared.structure.events import STRUCTURE


class PatrolSubmittedData(EventData):
    """Data of ``patrol.submitted.v1``."""

    patrol_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    grid_path = fields.String(required=True)
    patroller_id = fields.UUID(required=True)
    started_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True)
    finding_count = fields.Integer(required=True)
    source_ids = fields.List(fields.UUID(), load_default=list)


class FindingReportedData(EventData):
    """Data of ``finding.reported.v1``."""

    finding_id = fields.UUID(required=True)
    patrol_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    category = fields.String(required=True)
    description = fields.String(required=True)
    address = fields.String(required=True)
    found_at = fields.AwareDateTime(required=True)
    longitude = fields.Float(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    reporter_id = fields.UUID(required=True)
    source_id = fields.UUID(load_default=None, allow_none=True)


EVENTS: Events = {
    PatrolSubmitted: Emission("patrol.submitted.v1", PatrolSubmittedData()),
    FindingReported: Emission("finding.reported.v1", FindingReportedData()),
}
CONSUMES = STRUCTURE
