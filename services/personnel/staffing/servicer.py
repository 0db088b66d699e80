"""Who answers for a grid, vacancies, and the staffing check over gRPC."""

from uuid import UUID

import grpc

from services.personnel.absences.messages import write_leave
from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.posts.messages import write_post
from services.personnel.posts.usecases import vacancies
from services.personnel.staffing import usecases as staffing
from services.personnel.staffing.domain import Responsibility
from services.personnel.staffing.messages import (
    gap_message,
    standing_number,
    uncovered_message,
    vacancy_message,
    write_finding,
    write_responsible,
    write_rule,
    write_total,
)
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.structure.peer import Learned
from shared.structure.store import GridNotFound
from wangge.personnel.v1 import people_service_pb2 as personnel_pb
from wangge.personnel.v1 import staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb

VACANT, UNCOVERED = "vacant", "uncovered"
"""The two parts of the list of vacancies, as its page tokens name them."""


class StaffingServicer:
    """Who answers for what over gRPC, and where nobody does."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], grid: GridPeer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._grid = grid
        self._clock = clock

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
                bare = staffing.list_uncovered(tx, moment, grid_id, after, limit)
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
            rules=[write_rule(tally) for tally in check.tallies],
            totals=[write_total(total) for total in check.totals],
            findings=[write_finding(finding) for finding in page],
            next_page_token=paging.encode(*page[-1].sort_key) if more else "",
        )

    def GetResponsibilityArchive(
        self, request: pb.GetResponsibilityArchiveRequest, context: grpc.ServicerContext
    ) -> pb.GetResponsibilityArchiveResponse:
        """Return who has answered for a grid, now and before."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))

        def attempt(learned: Learned) -> staffing.Archive:
            with self._unit_of_work(call.current()) as tx:
                learned.keep(tx)
                return staffing.archive_of(tx, grid_id)

        archive = self._grid.answer(attempt, self._clock(), grid_id=grid_id)
        return pb.GetResponsibilityArchiveResponse(
            grid_id=str(archive.grid.grid_id),
            grid_name=archive.grid.name,
            posts=[
                staffing_pb2.ArchivedPost(
                    post=write_post(post),
                    person_name=name,
                    standing=standing_number(post.role_kind),
                )
                for post, name in archive.posts
            ],
            leaves=[write_leave(leave) for leave in archive.leaves],
            vacancies=[vacancy_message(each, archive.grid.name) for each in archive.vacancies],
        )

    def FindResponsible(
        self, request: personnel_pb.FindResponsibleRequest, context: grpc.ServicerContext
    ) -> personnel_pb.FindResponsibleResponse:
        """Return who answers for a grid."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        now = self._clock()
        moment = optional_moment(request, "at") or now

        def attempt(learned: Learned) -> Responsibility:
            with self._unit_of_work(call.current()) as tx:
                learned.keep(tx)
                return staffing.find_responsible(tx, grid_id, moment)

        found = self._grid.answer(attempt, now, grid_id=grid_id)
        return personnel_pb.FindResponsibleResponse(
            responsible=[write_responsible(each) for each in found.answering],
            gaps=[gap_message(gap, found.grid_names.get(gap.grid_id, "")) for gap in found.gaps],
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
