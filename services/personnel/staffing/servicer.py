"""Leave, vacancies, the staffing check and changes of holder over gRPC."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.personnel.absences import usecases as leaves
from services.personnel.absences.domain import Asked, LeaveNotFound, Wish
from services.personnel.common.peer import GridPeer
from services.personnel.posts.domain.posts import PostNotFound
from services.personnel.posts.messages import post_message, terms_of
from services.personnel.posts.usecases import vacancies
from services.personnel.staffing import usecases as staffing
from services.personnel.staffing.messages import (
    KINDS_OF_LEAVE,
    finding_message,
    leave_message,
    rule_message,
    standing_number,
    total_message,
    uncovered_message,
    vacancy_message,
)
from services.personnel.store import PersonnelTransaction
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import MISSING, NO_UUID, optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.store import GridNotFound
from wangge.personnel.v1 import staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb
from wangge.personnel.v1 import staffing_service_pb2_grpc as pb_grpc

Clock = Callable[[], datetime]

STAFFING_RULES: Rules = {
    "RecordLeave": Rule.needs("staff"),
    "EndLeave": Rule.needs("staff"),
    "ListLeaves": Rule.needs("read"),
    "ListVacancies": Rule.needs("read"),
    "CheckStaffing": Rule.needs("read"),
    "HandOver": Rule.needs("staff"),
    "DescribePost": Rule.needs("staff"),
    "GetResponsibilityArchive": Rule.needs("read"),
}
VACANT, UNCOVERED = "vacant", "uncovered"
"""The two parts of the list of vacancies, as its page tokens name them."""


class StaffingServicer(pb_grpc.StaffingServiceServicer):
    """Responsibility without gaps over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[PersonnelTransaction], grid: GridPeer, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

    def RecordLeave(
        self, request: pb.RecordLeaveRequest, context: grpc.ServicerContext
    ) -> pb.RecordLeaveResponse:
        """Record that a person will be away."""
        asked = _asked(request)

        def act(tx: PersonnelTransaction) -> pb.RecordLeaveResponse:
            leave = leaves.record_leave(tx, asked, self._clock())
            return pb.RecordLeaveResponse(leave=leave_message(tx.context.county_id, leave))

        return once(self._unit_of_work, request, pb.RecordLeaveResponse, act)

    def EndLeave(
        self, request: pb.EndLeaveRequest, context: grpc.ServicerContext
    ) -> pb.EndLeaveResponse:
        """End a leave early, or cancel it."""
        leave_id = uuid_or(request.leave_id, LeaveNotFound(leave_id=request.leave_id))
        at = optional_moment(request, "valid_to")

        def act(tx: PersonnelTransaction) -> pb.EndLeaveResponse:
            version = request.expected_version
            leave = leaves.finish_leave(tx, leave_id, at, version, self._clock())
            return pb.EndLeaveResponse(leave=leave_message(tx.context.county_id, leave))

        return once(self._unit_of_work, request, pb.EndLeaveResponse, act)

    def ListLeaves(
        self, request: pb.ListLeavesRequest, context: grpc.ServicerContext
    ) -> pb.ListLeavesResponse:
        """List leave, oldest first."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        person_id = optional_uuid(request.person_id, "/person_id")
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            found = leaves.list_leaves(tx, person_id, moment, after, size + 1)
        page, more = found[:size], len(found) > size
        county_id = call.current().county_id
        return pb.ListLeavesResponse(
            leaves=[leave_message(county_id, leave) for leave in page],
            next_page_token=paging.encode(page[-1].leave_id) if more else "",
        )

    def ListVacancies(
        self, request: pb.ListVacanciesRequest, context: grpc.ServicerContext
    ) -> pb.ListVacanciesResponse:
        """List vacancies, then posts that nobody covers."""
        size = paging.size(request.page_size)
        part, after = _part(request.page_token)
        moment = optional_moment(request, "as_of") or self._clock()
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        shown: list[tuple[str, UUID, staffing_pb2.Gap]] = []
        with self._unit_of_work(call.current()) as tx:
            if part == VACANT:
                found = vacancies.list_vacancies(tx, moment, grid_id, after, size + 1)
                shown += [(VACANT, v.vacancy_id, vacancy_message(v, name)) for v, name in found]
                after = None
            if len(shown) <= size:
                limit = size + 1 - len(shown)
                bare = vacancies.list_uncovered(tx, moment, grid_id, after, limit)
                shown += [
                    (UNCOVERED, p.post_id, uncovered_message(p, name, away))
                    for p, name, away in bare
                ]
        page, more = shown[:size], len(shown) > size
        return pb.ListVacanciesResponse(
            vacancies=[message for _, _, message in page],
            next_page_token=paging.encode(*page[-1][:2]) if more else "",
        )

    def CheckStaffing(
        self, request: pb.CheckStaffingRequest, context: grpc.ServicerContext
    ) -> pb.CheckStaffingResponse:
        """Compare who is posted with every rule about numbers."""
        size = paging.size(request.page_size)
        key = paging.decode(request.page_token, 3)
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            check = staffing.check_staffing(tx, moment)
        after = None if key is None else tuple(str(part) for part in key)
        left = [each for each in check.findings if after is None or each.sort_key > after]
        page, more = left[:size], len(left) > size
        return pb.CheckStaffingResponse(
            rules=[rule_message(tally) for tally in check.tallies],
            totals=[total_message(total) for total in check.totals],
            findings=[finding_message(finding) for finding in page],
            next_page_token=paging.encode(*page[-1].sort_key) if more else "",
        )

    def HandOver(
        self, request: pb.HandOverRequest, context: grpc.ServicerContext
    ) -> pb.HandOverResponse:
        """End a post and appoint the successor."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        successor = optional_uuid(request.person_id, "/person_id")
        if successor is None:
            raise InvalidArgument([Violation("/person_id", MISSING)])
        at = optional_moment(request, "at")
        asked = staffing.Handing(post_id, successor, _new_id(), at, request.expected_version)

        def act(tx: PersonnelTransaction) -> pb.HandOverResponse:
            ended, post = staffing.hand_over(tx, asked, self._clock())
            county_id = tx.context.county_id
            return pb.HandOverResponse(
                ended=post_message(county_id, ended), post=post_message(county_id, post)
            )

        return once(self._unit_of_work, request, pb.HandOverResponse, act)

    def DescribePost(
        self, request: pb.DescribePostRequest, context: grpc.ServicerContext
    ) -> pb.DescribePostResponse:
        """Change what a post is about."""
        post_id = uuid_or(request.post_id, PostNotFound(post_id=request.post_id))
        terms, version = terms_of(request), request.expected_version

        def act(tx: PersonnelTransaction) -> pb.DescribePostResponse:
            post = staffing.describe_post(tx, post_id, terms, version, self._clock())
            return pb.DescribePostResponse(post=post_message(tx.context.county_id, post))

        return once(self._unit_of_work, request, pb.DescribePostResponse, act)

    def GetResponsibilityArchive(
        self, request: pb.GetResponsibilityArchiveRequest, context: grpc.ServicerContext
    ) -> pb.GetResponsibilityArchiveResponse:
        """Give the division of responsibility of a grid, now and before."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        learned = self._grid.learn(self._clock(), grid_id=grid_id)
        with self._unit_of_work(call.current()) as tx:
            learned.keep(tx)
            archive = staffing.archive_of(tx, grid_id)
        county_id = call.current().county_id
        return pb.GetResponsibilityArchiveResponse(
            grid_id=str(archive.grid.grid_id),
            grid_name=archive.grid.name,
            posts=[
                staffing_pb2.ArchivedPost(
                    post=post_message(county_id, post),
                    person_name=name,
                    standing=standing_number(post.role_kind),
                )
                for post, name in archive.posts
            ],
            leaves=[leave_message(county_id, leave) for leave in archive.leaves],
            vacancies=[vacancy_message(each, archive.grid.name) for each in archive.vacancies],
        )


def _asked(request: pb.RecordLeaveRequest) -> Asked:
    """The leave as asked for. Raises InvalidArgument naming every id that is none."""
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
    for_all = Wish(read(request.stand_in_id, "/stand_in_id"), request.uncovered)
    by_post = []
    for index, entry in enumerate(request.stand_ins):
        pointer = f"/stand_ins/{index}"
        post_id = read(entry.post_id, f"{pointer}/post_id", required=True)
        stand_in_id = read(entry.stand_in_id, f"{pointer}/stand_in_id")
        if post_id is not None:
            by_post.append((post_id, Wish(stand_in_id, entry.uncovered)))
    if faults or person_id is None:
        raise InvalidArgument(faults)
    return Asked(
        leave_id=_new_id(),
        person_id=person_id,
        kind=KINDS_OF_LEAVE.get(request.kind),
        start=optional_moment(request, "valid_from"),
        end=optional_moment(request, "valid_to"),
        for_all=for_all,
        by_post=by_post,
    )


def _part(page_token: str) -> tuple[str, UUID | None]:
    """Which part of the vacancies a page begins in, and after which of them."""
    key = paging.decode(page_token, 2)
    if key is None:
        return VACANT, None
    bad_token = InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)])
    if key[0] not in (VACANT, UNCOVERED):
        raise bad_token
    return key[0], uuid_or(str(key[1]), bad_token)


def _new_id() -> UUID:
    return UUID(int=uuid7().int)
