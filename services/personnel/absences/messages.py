"""Leave as messages."""

from collections.abc import Mapping

from services.personnel.absences.domain import Leave, LeaveKind, StandIn
from shared.rpc.messages import writer
from wangge.personnel.v1 import absences_pb2

LEAVE_KINDS: Mapping[LeaveKind, absences_pb2.LeaveKind] = {
    LeaveKind.REST: absences_pb2.LEAVE_KIND_REST,
    LeaveKind.SICK: absences_pb2.LEAVE_KIND_SICK,
    LeaveKind.PERSONAL: absences_pb2.LEAVE_KIND_PERSONAL,
    LeaveKind.BUSINESS_TRIP: absences_pb2.LEAVE_KIND_BUSINESS_TRIP,
    LeaveKind.TRAINING: absences_pb2.LEAVE_KIND_TRAINING,
}


KINDS_OF_LEAVE = {number: kind for kind, number in LEAVE_KINDS.items()}

write_stand_in = writer(
    absences_pb2.StandIn, StandIn, made={"uncovered": lambda each: each.stand_in_id is None}
)
write_leave = writer(
    absences_pb2.Leave,
    Leave,
    names={"valid_from": "valid.start", "valid_to": "valid.end"},
    nested={"stand_ins": write_stand_in},
)
