"""Leave as messages."""

from collections.abc import Mapping

from services.personnel.absences.domain import Leave, LeaveKind
from wangge.personnel.v1 import absences_pb2

LEAVE_KINDS: Mapping[LeaveKind, absences_pb2.LeaveKind] = {
    LeaveKind.REST: absences_pb2.LEAVE_KIND_REST,
    LeaveKind.SICK: absences_pb2.LEAVE_KIND_SICK,
    LeaveKind.PERSONAL: absences_pb2.LEAVE_KIND_PERSONAL,
    LeaveKind.BUSINESS_TRIP: absences_pb2.LEAVE_KIND_BUSINESS_TRIP,
    LeaveKind.TRAINING: absences_pb2.LEAVE_KIND_TRAINING,
}


KINDS_OF_LEAVE = {number: kind for kind, number in LEAVE_KINDS.items()}


def leave_message(county_id: str, leave: Leave) -> absences_pb2.Leave:
    """A leave with its stand-ins."""
    return absences_pb2.Leave(
        county_id=county_id,
        leave_id=str(leave.leave_id),
        person_id=str(leave.person_id),
        kind=LEAVE_KINDS[leave.kind],
        valid_from=leave.valid.start,
        valid_to=leave.valid.end,
        stand_ins=[
            absences_pb2.StandIn(
                post_id=str(each.post_id),
                stand_in_id=str(each.stand_in_id or ""),
                uncovered=each.stand_in_id is None,
            )
            for each in leave.stand_ins
        ],
        create_time=leave.created_at,
        version=leave.version,
    )
