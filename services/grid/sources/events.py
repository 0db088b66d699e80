"""Data of the events about pollution sources, out and in: ids and codes only."""

from marshmallow import fields

from shared.eventing.contracts import EventData, Subscription


class SourceData(EventData):
    """Which source, and where it is."""

    source_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    grid_path = fields.String(required=True)


class SourceRecordedData(SourceData):
    """Data of ``source.recorded.v1``: how an entry stands, new or changed."""

    type = fields.String(required=True)
    grade = fields.String(required=True, allow_none=True)
    key_object = fields.Boolean(required=True)
    zone = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    verification = fields.String(required=True)
    off_list = fields.Boolean(required=True)


class SourceVerifiedData(SourceData):
    """Data of ``source.verified.v1``."""

    result = fields.String(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    verified_at = fields.AwareDateTime(required=True)


class SourceGradedData(SourceData):
    """Data of ``source.graded.v1``."""

    grade = fields.String(required=True, allow_none=True)
    key_object = fields.Boolean(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    graded_at = fields.AwareDateTime(required=True)


class PatrolSubmittedData(EventData):
    """What is read of patrols' ``patrol.submitted.v1``."""

    patrol_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    ended_at = fields.AwareDateTime(required=True)
    finding_count = fields.Integer(required=True)
    source_ids = fields.List(fields.UUID(), load_default=list)


class FindingReportedData(EventData):
    """What is read of patrols' ``finding.reported.v1``."""

    finding_id = fields.UUID(required=True)
    patrol_id = fields.UUID(required=True)
    category = fields.String(required=True)
    found_at = fields.AwareDateTime(required=True)
    source_id = fields.UUID(load_default=None, allow_none=True)


PATROL_SUBMITTED = Subscription("patrols", "patrol.submitted.v1", PatrolSubmittedData())
FINDING_REPORTED = Subscription("patrols", "finding.reported.v1", FindingReportedData())
