"""Data of the events about pollution sources: ids and codes only."""

from marshmallow import fields

from shared.eventing.contracts import EventData


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
