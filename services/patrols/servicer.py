"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.patrols.ledger import usecases
from services.patrols.ledger.domain import Finding, LedgerEntry, Patrol, PatrolNotFound, Signature
from services.patrols.ledger.store import CLIENT_ID_TAKEN, PLACE_TAKEN
from services.patrols.store import PatrolsTransaction
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import NO_UUID, moment, optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.peer import Learned, StructurePeer
from shared.structure.store import GridNotFound
from wangge.patrols.v1 import patrol_pb2 as pb_patrol
from wangge.patrols.v1 import patrol_service_pb2 as pb
from wangge.patrols.v1 import patrol_service_pb2_grpc as pb_grpc

RULES: Rules = {
    "SubmitPatrol": Rule.needs("patrol"),
    "GetPatrol": Rule.needs("read"),
    "ListPatrols": Rule.needs("read"),
    "VerifyLedger": Rule.needs("read"),
}


class PatrolServicer(pb_grpc.PatrolServiceServicer):
    """The patrol ledger over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[PatrolsTransaction],
        structure: StructurePeer,
        clock: Callable[[], datetime],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._structure = structure
        self._clock = clock

    def SubmitPatrol(
        self, request: pb.SubmitPatrolRequest, context: grpc.ServicerContext
    ) -> pb.SubmitPatrolResponse:
        """Take a whole signed patrol."""
        patrol = _patrol_from(request)

        def attempt(learned: Learned) -> pb.SubmitPatrolResponse:
            def act(tx: PatrolsTransaction) -> pb.SubmitPatrolResponse:
                learned.keep(tx)
                grid = tx.structure.grid(patrol.grid_id)
                entry = usecases.submit_patrol(tx, patrol, grid, self._clock())
                return pb.SubmitPatrolResponse(patrol=_patrol_message(entry))

            races = (PLACE_TAKEN, CLIENT_ID_TAKEN)
            return once(self._unit_of_work, request, pb.SubmitPatrolResponse, act, races)

        return self._structure.answer(attempt, self._clock(), patrol.grid_id)

    def GetPatrol(
        self, request: pb.GetPatrolRequest, context: grpc.ServicerContext
    ) -> pb.GetPatrolResponse:
        """Return one patrol."""
        patrol_id = uuid_or(request.patrol_id, PatrolNotFound(patrol_id=request.patrol_id))
        with self._unit_of_work(call.current()) as tx:
            return pb.GetPatrolResponse(patrol=_patrol_message(usecases.get_patrol(tx, patrol_id)))

    def ListPatrols(
        self, request: pb.ListPatrolsRequest, context: grpc.ServicerContext
    ) -> pb.ListPatrolsResponse:
        """List patrols, newest first."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        patroller_id = optional_uuid(request.patroller_id, "/patroller_id")

        def attempt(learned: Learned) -> list[LedgerEntry]:
            with self._unit_of_work(call.current()) as tx:
                learned.keep(tx)
                return usecases.list_patrols(tx, grid_id, patroller_id, after, size + 1)

        entries = self._structure.answer(attempt, self._clock(), grid_id)
        page = entries[:size]
        more = len(entries) > size
        return pb.ListPatrolsResponse(
            patrols=[_patrol_message(entry) for entry in page],
            next_page_token=paging.encode(page[-1].patrol.patrol_id) if more else "",
        )

    def VerifyLedger(
        self, request: pb.VerifyLedgerRequest, context: grpc.ServicerContext
    ) -> pb.VerifyLedgerResponse:
        """Recompute a patroller's chain."""
        patroller_id = uuid_or(request.patroller_id, PatrolNotFound(patrol_id=request.patroller_id))
        with self._unit_of_work(call.current()) as tx:
            records, broken = usecases.verify_ledger(tx, patroller_id)
        return pb.VerifyLedgerResponse(
            records=records,
            whole=broken is None,
            first_broken_patrol_id=str(broken or ""),
        )


def _patrol_from(request: pb.SubmitPatrolRequest) -> Patrol:
    actor_id = call.current().actor_id
    if actor_id is None:
        raise LookupError("the guard lets nobody in without a person")
    return Patrol(
        patrol_id=_new_id(),
        client_id=present(request.client_id, "/client_id"),
        grid_id=uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id)),
        grid_path="",
        patroller_id=actor_id,
        started_at=moment(request, "start_time"),
        ended_at=moment(request, "end_time"),
        summary=request.summary,
        findings=tuple(
            _finding_from(finding, f"/findings/{position}")
            for position, finding in enumerate(request.findings)
        ),
        signature=Signature(
            moment(request.signature, "sign_time", "/signature/sign_time"),
            request.signature.content_hash,
        ),
        source_ids=tuple(
            uuid_or(text, InvalidArgument([Violation(f"/source_ids/{position}", NO_UUID)]))
            for position, text in enumerate(request.source_ids)
        ),
    )


def _finding_from(message: pb.NewFinding, pointer: str) -> Finding:
    return Finding(
        finding_id=_new_id(),
        category=message.category,
        description=message.description,
        found_at=moment(message, "found_time"),
        longitude=message.longitude if message.HasField("longitude") else None,
        latitude=message.latitude if message.HasField("latitude") else None,
        stopped_by=message.stopped_by,
        address=message.address,
        source_id=optional_uuid(message.source_id, f"{pointer}/source_id"),
    )


def _new_id() -> UUID:
    return UUID(int=uuid7().int)


def _patrol_message(entry: LedgerEntry) -> pb_patrol.Patrol:
    patrol = entry.patrol
    return pb_patrol.Patrol(
        county_id=call.current().county_id,
        patrol_id=str(patrol.patrol_id),
        grid_id=str(patrol.grid_id),
        grid_path=patrol.grid_path,
        patroller_id=str(patrol.patroller_id),
        client_id=patrol.client_id,
        start_time=patrol.started_at,
        end_time=patrol.ended_at,
        summary=patrol.summary,
        findings=[_finding_message(finding) for finding in patrol.findings],
        signature=pb_patrol.Signature(
            sign_time=patrol.signature.signed_at, content_hash=patrol.signature.content_hash
        ),
        ledger_number=entry.number,
        record_hash=entry.record_hash,
        previous_hash=entry.previous_hash,
        submit_time=entry.submitted_at,
        source_ids=[str(source_id) for source_id in patrol.source_ids],
    )


def _finding_message(finding: Finding) -> pb_patrol.Finding:
    return pb_patrol.Finding(
        finding_id=str(finding.finding_id),
        category=finding.category,
        description=finding.description,
        found_time=finding.found_at,
        longitude=finding.longitude,
        latitude=finding.latitude,
        stopped_by=finding.stopped_by,
        address=finding.address,
        source_id=str(finding.source_id or ""),
    )
