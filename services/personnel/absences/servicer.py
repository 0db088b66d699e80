"""Leave over gRPC."""

from uuid import UUID

import grpc

from services.personnel.absences import usecases as leaves
from services.personnel.absences.domain import CoverChoice, LeaveNotFound, LeaveRequest
from services.personnel.absences.messages import KINDS_OF_LEAVE, write_leave
from services.personnel.common.domain.clock import Clock
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, NO_UUID, optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from wangge.personnel.v1 import staffing_service_pb2 as pb


class AbsenceServicer:
    """Leave over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def RecordLeave(
        self, request: pb.RecordLeaveRequest, context: grpc.ServicerContext
    ) -> pb.RecordLeaveResponse:
        """Record that a person will be away."""
        asked = _asked(request)

        def act(tx: Transaction) -> pb.RecordLeaveResponse:
            leave = leaves.record_leave(tx, asked, self._clock())
            return pb.RecordLeaveResponse(leave=write_leave(leave))

        return once(self._unit_of_work, request, pb.RecordLeaveResponse, act)

    def EndLeave(
        self, request: pb.EndLeaveRequest, context: grpc.ServicerContext
    ) -> pb.EndLeaveResponse:
        """End a leave early, or cancel it."""
        leave_id = uuid_or(request.leave_id, LeaveNotFound(leave_id=request.leave_id))
        at = optional_moment(request, "valid_to")

        def act(tx: Transaction) -> pb.EndLeaveResponse:
            version = request.expected_version
            leave = leaves.finish_leave(tx, leave_id, at, version, self._clock())
            return pb.EndLeaveResponse(leave=write_leave(leave))

        return once(self._unit_of_work, request, pb.EndLeaveResponse, act)

    def ListLeaves(
        self, request: pb.ListLeavesRequest, context: grpc.ServicerContext
    ) -> pb.ListLeavesResponse:
        """List leave, oldest first."""
        asked = PageRequest.of(request)
        person_id = optional_uuid(request.person_id, "/person_id")
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            found = leaves.list_leaves(tx, person_id, moment, asked)
        return pb.ListLeavesResponse(
            leaves=[write_leave(leave) for leave in found.items],
            next_page_token=found.next_page_token,
        )


def _asked(request: pb.RecordLeaveRequest) -> LeaveRequest:
    """The leave that the request describes. Raises InvalidArgument naming every malformed id."""
    faults: list[Violation] = []

    def read(text: str, pointer: str, *, required: bool = False) -> UUID | None:
        try:
            if text:
                return UUID(text)
        except ValueError:
            faults.append(Violation(pointer, NO_UUID))
            return None
        if required:
            faults.append(Violation(pointer, MISSING))
        return None

    person_id = read(request.person_id, "/person_id", required=True)
    for_all = CoverChoice(read(request.stand_in_id, "/stand_in_id"), request.uncovered)
    by_post = []
    for index, entry in enumerate(request.stand_ins):
        pointer = f"/stand_ins/{index}"
        post_id = read(entry.post_id, f"{pointer}/post_id", required=True)
        stand_in_id = read(entry.stand_in_id, f"{pointer}/stand_in_id")
        if post_id is not None:
            by_post.append((post_id, CoverChoice(stand_in_id, entry.uncovered)))
    if faults or person_id is None:
        raise InvalidArgument(faults)
    return LeaveRequest(
        leave_id=new_id(),
        person_id=person_id,
        kind=KINDS_OF_LEAVE.get(request.kind),
        start=optional_moment(request, "valid_from"),
        end=optional_moment(request, "valid_to"),
        for_all=for_all,
        by_post=by_post,
    )
