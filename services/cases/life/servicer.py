"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from services.cases.clocks.domain import Clock
from services.cases.life import usecases
from services.cases.life.domain.case import Transfer
from services.cases.life.domain.errors import CaseNotFound
from services.cases.life.domain.history import HistoryEntry
from services.cases.life.domain.listing import Filter
from services.cases.life.usecases import CaseView, Change
from shared.db.transaction import Transaction
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.requests import reader
from shared.rpc.servicer import Servicer
from shared.structure.store import Structure
from wangge.cases.v1 import case_pb2 as pb_case
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc

read_filter = reader(pb.ListCasesRequest, Filter, given=("grid_path",))
write_clock = writer(
    pb_case.Clock,
    Clock,
    names={"start_time": "started_at", "due_time": "due_at", "stop_time": "stopped_at"},
)
write_transfer = writer(
    pb_case.Transfer, Transfer, names={"offer_time": "offered_at", "answer_time": "answered_at"}
)
write_case = writer(
    pb_case.Case,
    CaseView,
    parts=("case",),
    names={
        "open_time": "case.opened_at",
        "accept_time": "case.accepted_at",
        "handle_time": "case.handled_at",
        "verify_time": "case.verified_at",
        "close_time": "case.closed_at",
    },
    nested={"clocks": write_clock, "transfers": write_transfer},
)
write_entry = writer(
    pb_case.HistoryEntry,
    HistoryEntry,
    parts=("act",),
    names={"time": "act.at"},
)
Step = Callable[[Transaction, Change], CaseView]
Response = TypeVar("Response", bound=Message)


class CaseSteps(Servicer):
    """What every step of the table has in common."""

    def step(self, request: Any, response_type: type[Response], step: Step) -> Response:
        """Take one step of the table, once for the request, and answer with the case."""
        change = Change(_case_id(request), request.expected_version, self._clock())
        answer: Any = response_type

        def act(tx: Transaction) -> Response:
            response: Response = answer(case=write_case(step(tx, change)))
            return response

        return once(self._unit_of_work, request, response_type, act)


class LifeMethods(CaseSteps, pb_grpc.CaseServiceServicer):
    """Methods of the case service that read cases and take their steps, but for transfers."""

    def GetCase(
        self, request: pb.GetCaseRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseResponse:
        """Return one case."""
        with self._unit_of_work(call.current()) as tx:
            view = usecases.get_case(tx, _case_id(request), self._clock())
        return pb.GetCaseResponse(case=write_case(view))

    def ListCases(
        self, request: pb.ListCasesRequest, context: grpc.ServicerContext
    ) -> pb.ListCasesResponse:
        """List cases, newest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            wanted = _filter(tx, request)
            page = usecases.list_cases(tx, wanted, asked, self._clock())
        return pb.ListCasesResponse(
            cases=map(write_case, page.items),
            next_page_token=page.next_page_token,
        )

    def GetCaseHistory(
        self, request: pb.GetCaseHistoryRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseHistoryResponse:
        """Return a case's history and whether it is whole."""
        with self._unit_of_work(call.current()) as tx:
            entries, whole = usecases.get_history(tx, _case_id(request))
        return pb.GetCaseHistoryResponse(entries=map(write_entry, entries), whole=whole)

    def AcceptCase(
        self, request: pb.AcceptCaseRequest, context: grpc.ServicerContext
    ) -> pb.AcceptCaseResponse:
        """Take a reported case on."""
        return self.step(
            request,
            pb.AcceptCaseResponse,
            lambda tx, change: usecases.accept(tx, change, request.note),
        )

    def RejectCase(
        self, request: pb.RejectCaseRequest, context: grpc.ServicerContext
    ) -> pb.RejectCaseResponse:
        """Refuse a reported case."""
        return self.step(
            request,
            pb.RejectCaseResponse,
            lambda tx, change: usecases.reject(tx, change, request.reason),
        )

    def HandleCase(
        self, request: pb.HandleCaseRequest, context: grpc.ServicerContext
    ) -> pb.HandleCaseResponse:
        """Answer the case in writing."""
        return self.step(
            request,
            pb.HandleCaseResponse,
            lambda tx, change: usecases.handle(tx, change, request.result),
        )

    def VerifyCase(
        self, request: pb.VerifyCaseRequest, context: grpc.ServicerContext
    ) -> pb.VerifyCaseResponse:
        """Record whether the result holds."""
        return self.step(
            request,
            pb.VerifyCaseResponse,
            lambda tx, change: usecases.verify(tx, change, request.note, passed=request.passed),
        )

    def CloseCase(
        self, request: pb.CloseCaseRequest, context: grpc.ServicerContext
    ) -> pb.CloseCaseResponse:
        """Close a verified case."""
        return self.step(
            request,
            pb.CloseCaseResponse,
            lambda tx, change: usecases.close(tx, change, request.note),
        )


def _case_id(request: Any) -> UUID:
    return uuid_or(request.case_id, CaseNotFound(case_id=request.case_id))


def _filter(tx: Transaction, request: pb.ListCasesRequest) -> Filter:
    grid_path = tx.store(Structure).grid(UUID(request.grid_id)).path if request.grid_id else None
    return read_filter(request, grid_path=grid_path)
