"""Who answers for a grid, vacancies, and the staffing check over gRPC."""

import grpc

from services.personnel.absences.messages import write_leave
from services.personnel.common.domain.clock import Clock
from services.personnel.common.peer import GridPeer
from services.personnel.posts.messages import write_post
from services.personnel.staffing import usecases as staffing
from services.personnel.staffing.domain import Responsibility, VacantPost
from services.personnel.staffing.messages import (
    standing_number,
    write_finding,
    write_gap,
    write_listed_gap,
    write_responsible,
    write_rule,
    write_total,
    write_vacancy,
)
from shared.db.transaction import Transaction, UnitOfWork
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.structure.peer import Learned
from shared.structure.store import GridNotFound
from wangge.personnel.v1 import people_service_pb2 as personnel_pb
from wangge.personnel.v1 import staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb


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
        asked = PageRequest.of(request)
        moment = optional_moment(request, "as_of") or self._clock()
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        with self._unit_of_work(call.current()) as tx:
            found = staffing.list_gaps(tx, moment, grid_id, asked)
        return pb.ListVacanciesResponse(
            vacancies=[write_listed_gap(gap) for gap in found.items],
            next_page_token=found.next_page_token,
        )

    def CheckStaffing(
        self, request: pb.CheckStaffingRequest, context: grpc.ServicerContext
    ) -> pb.CheckStaffingResponse:
        """Compare who is posted with every rule about numbers."""
        asked = PageRequest.of(request)
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            check, findings = staffing.check_staffing(tx, moment, asked)
        return pb.CheckStaffingResponse(
            rules=[write_rule(tally) for tally in check.tallies],
            totals=[write_total(total) for total in check.totals],
            findings=[write_finding(finding) for finding in findings.items],
            next_page_token=findings.next_page_token,
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
            vacancies=[
                write_vacancy(VacantPost(each, archive.grid.name)) for each in archive.vacancies
            ],
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
            gaps=[write_gap(gap) for gap in found.gaps],
        )
