"""The service's side of events: what it emits and what it consumes."""

from marshmallow import fields

from services.cases.life.domain import events
from shared.case_events import CaseFactsData
from shared.eventing.contracts import Emission, EventData, Events, Subscription
from shared.structure.events import STRUCTURE
from shared.structure.restructuring import GRID_RESTRUCTURED


class StepData(CaseFactsData):
    """Data of ``case.accepted.v1`` and ``case.rejected.v1``, and part of every other step's."""

    actor_id = fields.UUID(required=True, allow_none=True)


class TransferData(StepData):
    """Data of the three events about an offer to a department."""

    transfer_id = fields.UUID(required=True)
    to_department_id = fields.String(required=True)


class ResultData(StepData):
    """Data of ``case.handled.v1`` and ``case.closed.v1``; numbers in the result are masked."""

    result = fields.String(required=True)


class VerifiedData(StepData):
    """Data of ``case.verified.v1``; not ``passed`` means that the case went back."""

    passed = fields.Boolean(required=True)


class FindingReportedData(EventData):
    """Data of patrols' ``finding.reported.v1``."""

    finding_id = fields.UUID(required=True)
    patrol_id = fields.UUID(required=True)
    grid_id = fields.UUID(required=True)
    category = fields.String(required=True)
    description = fields.String(required=True)
    address = fields.String(load_default="")
    found_at = fields.AwareDateTime(required=True)
    longitude = fields.Float(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    reporter_id = fields.UUID(required=True, allow_none=True)
    source_id = fields.UUID(load_default=None, allow_none=True)


class NoticeConfirmedData(EventData):
    """Data of notifications' ``notice.confirmed.v1``."""

    notice_id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    about_type = fields.String(required=True)
    about_id = fields.String(required=True)
    confirmed_at = fields.AwareDateTime(required=True)


EVENTS: Events = {
    events.CaseOpened: Emission("case.opened.v1", CaseFactsData()),
    events.CaseMoved: Emission("case.moved.v1", CaseFactsData()),
    events.CaseAccepted: Emission("case.accepted.v1", StepData()),
    events.CaseRejected: Emission("case.rejected.v1", StepData()),
    events.CaseTransferred: Emission("case.transferred.v1", TransferData()),
    events.TransferAccepted: Emission("case.transfer-accepted.v1", TransferData()),
    events.TransferDeclined: Emission("case.transfer-declined.v1", TransferData()),
    events.CaseHandled: Emission("case.handled.v1", ResultData()),
    events.CaseVerified: Emission("case.verified.v1", VerifiedData()),
    events.CaseClosed: Emission("case.closed.v1", ResultData()),
}
FINDING_REPORTED = Subscription("patrols", "finding.reported.v1", FindingReportedData())
NOTICE_CONFIRMED = Subscription("notifications", "notice.confirmed.v1", NoticeConfirmedData())
CONSUMES = (*STRUCTURE, GRID_RESTRUCTURED, FINDING_REPORTED, NOTICE_CONFIRMED)
