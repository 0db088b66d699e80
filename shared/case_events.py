"""The events of cases, for their producer and their consumers: each carries the case's facts."""

from marshmallow import fields

from shared.eventing.contracts import EventData, Subscription


class ClockData(EventData):
    """One clock of a case; without a due time the county set no limit."""

    kind = fields.String(required=True)
    started_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    stopped_at = fields.AwareDateTime(required=True, allow_none=True)


class CaseFactsData(EventData):
    """How a case stands after the step that the event tells of."""

    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    category = fields.String(required=True)
    source_type = fields.String(required=True)
    grid_id = fields.UUID(required=True)
    grid_path = fields.String(required=True)
    responsible_grid_id = fields.UUID(required=True)
    responsible_grid_path = fields.String(required=True)
    department_id = fields.String(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    handled_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    clocks = fields.List(fields.Nested(ClockData), required=True)
    pollution_source_id = fields.UUID(load_default=None, allow_none=True)


class CaseTransferredData(CaseFactsData):
    """A case was offered to a department."""

    to_department_id = fields.String(required=True)


CASE_OPENED = Subscription("cases", "case.opened.v1", CaseFactsData())
CASE_MOVED = Subscription("cases", "case.moved.v1", CaseFactsData())
CASE_ACCEPTED = Subscription("cases", "case.accepted.v1", CaseFactsData())
CASE_TRANSFERRED = Subscription("cases", "case.transferred.v1", CaseTransferredData())
CASE_TRANSFER_ACCEPTED = Subscription("cases", "case.transfer-accepted.v1", CaseFactsData())
CASE_TRANSFER_DECLINED = Subscription("cases", "case.transfer-declined.v1", CaseFactsData())
CASE_HANDLED = Subscription("cases", "case.handled.v1", CaseFactsData())
CASE_VERIFIED = Subscription("cases", "case.verified.v1", CaseFactsData())
CASE_CLOSED = Subscription("cases", "case.closed.v1", CaseFactsData())
CASE_REJECTED = Subscription("cases", "case.rejected.v1", CaseFactsData())

CASE_STEPS = (
    CASE_OPENED,
    CASE_ACCEPTED,
    CASE_TRANSFERRED,
    CASE_TRANSFER_ACCEPTED,
    CASE_TRANSFER_DECLINED,
    CASE_HANDLED,
    CASE_VERIFIED,
    CASE_CLOSED,
    CASE_REJECTED,
)
"""Every step of a case."""
