"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime

import grpc

from services.patrols.ledger import usecases
from services.patrols.ledger.domain import Finding, LedgerEntry, Patrol, PatrolNotFound
from services.patrols.ledger.store import CLIENT_ID_TAKEN, PLACE_TAKEN
from shared.db.transaction import Transaction, UnitOfWork
from shared.ids import new_id
from shared.paging import Page, PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.requests import reader
from shared.structure.peer import Learned, StructurePeer
from shared.structure.store import Structure
from wangge.patrols.v1 import ledger_pb2
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc

read_finding = reader(pb.NewFinding, Finding, made={"finding_id": lambda _finding: new_id()})
read_patrol = reader(
    pb.SubmitPatrolRequest,
    Patrol,
    made={"patrol_id": lambda _request: new_id()},
    given=("patroller_id", "grid_path"),
    nested={"findings": read_finding},
)
write_patrol = writer(
    ledger_pb2.Patrol, LedgerEntry, parts=("patrol",), names={"ledger_number": "number"}
)


class PatrolServicer(pb_grpc.PatrolServiceServicer):
    """The patrol ledger over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        structure: StructurePeer,
        clock: Callable[[], datetime],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._structure = structure
        self._clock = clock

    def SubmitPatrol(
        self, request: pb.SubmitPatrolRequest, context: grpc.ServicerContext
    ) -> pb.SubmitPatrolResponse:
        """Enter a patrol with its findings into the ledger."""
        patrol = read_patrol(request, patroller_id=call.caller_id(), grid_path="")

        def attempt(learned: Learned) -> pb.SubmitPatrolResponse:
            def act(tx: Transaction) -> pb.SubmitPatrolResponse:
                learned.keep(tx)
                grid = tx.store(Structure).grid(patrol.grid_id)
                entry = usecases.submit_patrol(tx, patrol, grid, self._clock())
                return pb.SubmitPatrolResponse(patrol=write_patrol(entry))

            races = (PLACE_TAKEN, CLIENT_ID_TAKEN)
            return once(self._unit_of_work, request, pb.SubmitPatrolResponse, act, races)

        return self._structure.answer(attempt, self._clock(), patrol.grid_id)

    def GetPatrol(
        self, request: pb.GetPatrolRequest, context: grpc.ServicerContext
    ) -> pb.GetPatrolResponse:
        """Return one patrol."""
        patrol_id = uuid_or(request.patrol_id, PatrolNotFound(patrol_id=request.patrol_id))
        with self._unit_of_work(call.current()) as tx:
            return pb.GetPatrolResponse(patrol=write_patrol(usecases.get_patrol(tx, patrol_id)))

    def ListPatrols(
        self, request: pb.ListPatrolsRequest, context: grpc.ServicerContext
    ) -> pb.ListPatrolsResponse:
        """List patrols, newest first."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        patroller_id = optional_uuid(request.patroller_id, "/patroller_id")

        def attempt(learned: Learned) -> Page[LedgerEntry]:
            with self._unit_of_work(call.current()) as tx:
                learned.keep(tx)
                return usecases.list_patrols(tx, grid_id, patroller_id, asked)

        page = self._structure.answer(attempt, self._clock(), grid_id)
        return pb.ListPatrolsResponse(
            patrols=map(write_patrol, page.items), next_page_token=page.next_page_token
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
