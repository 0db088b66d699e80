"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.cases.clocks.domain import Clock
from services.cases.life import usecases
from services.cases.life.domain.case import State, Transfer
from services.cases.life.domain.errors import CaseNotFound
from services.cases.life.domain.history import HistoryEntry
from services.cases.life.domain.listing import Filter
from services.cases.life.usecases import CaseView, Change
from services.cases.transfers import usecases as transfers
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.errors import GridNotFound
from shared.structure.store import Structure
from wangge.cases.v1 import case_pb2 as pb_case
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc

RULES: Rules = {
    "GetCase": Rule.needs("read"),
    "ListCases": Rule.needs("read"),
    "GetCaseHistory": Rule.needs("read"),
    "AcceptCase": Rule.needs("accept"),
    "RejectCase": Rule.needs("accept"),
    "TransferCase": Rule.needs("transfer"),
    "AcknowledgeCase": Rule.needs("accept_transfer"),
    "DeclineCase": Rule.needs("accept_transfer"),
    "HandleCase": Rule.needs("handle"),
    "VerifyCase": Rule.needs("verify"),
    "CloseCase": Rule.needs("close"),
}

NO_STATE = Text("There is no such state of cases.", "没有这种案件状态。")
Step = Callable[[Transaction, Change], CaseView]
Response = TypeVar("Response", bound=Message)


class CaseServicer(pb_grpc.CaseServiceServicer):
    """Cases over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[Transaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def GetCase(
        self, request: pb.GetCaseRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseResponse:
        """Return one case."""
        with self._unit_of_work(call.current()) as tx:
            view = usecases.get_case(tx, _case_id(request), self._clock())
        return pb.GetCaseResponse(case=_case_message(view))

    def ListCases(
        self, request: pb.ListCasesRequest, context: grpc.ServicerContext
    ) -> pb.ListCasesResponse:
        """List cases, newest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            wanted = _filter(tx, request)
            page = usecases.list_cases(tx, wanted, asked, self._clock())
        return pb.ListCasesResponse(
            cases=[_case_message(view) for view in page.items],
            next_page_token=page.next_page_token,
        )

    def GetCaseHistory(
        self, request: pb.GetCaseHistoryRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseHistoryResponse:
        """Return a case's history and whether it is whole."""
        with self._unit_of_work(call.current()) as tx:
            entries, whole = usecases.get_history(tx, _case_id(request))
        return pb.GetCaseHistoryResponse(entries=[_entry_message(e) for e in entries], whole=whole)

    def AcceptCase(
        self, request: pb.AcceptCaseRequest, context: grpc.ServicerContext
    ) -> pb.AcceptCaseResponse:
        """Take a reported case on."""
        return self._step(
            request,
            pb.AcceptCaseResponse,
            lambda tx, change: usecases.accept(tx, change, request.note),
        )

    def RejectCase(
        self, request: pb.RejectCaseRequest, context: grpc.ServicerContext
    ) -> pb.RejectCaseResponse:
        """Refuse a reported case."""
        return self._step(
            request,
            pb.RejectCaseResponse,
            lambda tx, change: usecases.reject(tx, change, request.reason),
        )

    def TransferCase(
        self, request: pb.TransferCaseRequest, context: grpc.ServicerContext
    ) -> pb.TransferCaseResponse:
        """Offer the case to a department."""
        return self._step(
            request,
            pb.TransferCaseResponse,
            lambda tx, change: transfers.transfer(
                tx, change, request.to_department_id, request.reason
            ),
        )

    def AcknowledgeCase(
        self, request: pb.AcknowledgeCaseRequest, context: grpc.ServicerContext
    ) -> pb.AcknowledgeCaseResponse:
        """Take over a case that was offered."""
        return self._step(
            request,
            pb.AcknowledgeCaseResponse,
            lambda tx, change: transfers.acknowledge(tx, change, request.note),
        )

    def DeclineCase(
        self, request: pb.DeclineCaseRequest, context: grpc.ServicerContext
    ) -> pb.DeclineCaseResponse:
        """Give an offered case back."""
        return self._step(
            request,
            pb.DeclineCaseResponse,
            lambda tx, change: transfers.decline(tx, change, request.reason),
        )

    def HandleCase(
        self, request: pb.HandleCaseRequest, context: grpc.ServicerContext
    ) -> pb.HandleCaseResponse:
        """Answer the case in writing."""
        return self._step(
            request,
            pb.HandleCaseResponse,
            lambda tx, change: usecases.handle(tx, change, request.result),
        )

    def VerifyCase(
        self, request: pb.VerifyCaseRequest, context: grpc.ServicerContext
    ) -> pb.VerifyCaseResponse:
        """Record whether the result holds."""
        return self._step(
            request,
            pb.VerifyCaseResponse,
            lambda tx, change: usecases.verify(tx, change, request.note, passed=request.passed),
        )

    def CloseCase(
        self, request: pb.CloseCaseRequest, context: grpc.ServicerContext
    ) -> pb.CloseCaseResponse:
        """Close a verified case."""
        return self._step(
            request,
            pb.CloseCaseResponse,
            lambda tx, change: usecases.close(tx, change, request.note),
        )

    def _step(self, request: Any, response_type: type[Response], step: Step) -> Response:
        """Take one step of the table, once for the request, and answer with the case."""
        change = Change(_case_id(request), request.expected_version, self._clock())
        answer: Any = response_type

        def act(tx: Transaction) -> Response:
            response: Response = answer(case=_case_message(step(tx, change)))
            return response

        return once(self._unit_of_work, request, response_type, act)


def _case_id(request: Any) -> UUID:
    return uuid_or(request.case_id, CaseNotFound(case_id=request.case_id))


def _filter(tx: Transaction, request: pb.ListCasesRequest) -> Filter:
    grid_path = None
    if request.grid_id:
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        grid_path = tx.store(Structure).grid(grid_id).path
    return Filter(
        state=_state(request.state),
        category=request.category or None,
        department_id=request.department_id or None,
        grid_path=grid_path,
        source_id=request.source_id or None,
    )


def _state(number: int) -> State | None:
    if number == pb_case.CASE_STATE_UNSPECIFIED:
        return None
    try:
        name = pb_case.CaseState.Name(number)
    except ValueError as error:
        raise InvalidArgument([Violation("/state", NO_STATE)]) from error
    return State(name.removeprefix("CASE_STATE_").lower())


def _case_message(view: CaseView) -> pb_case.Case:
    case = view.case
    return pb_case.Case(
        county_id=case.county_id,
        case_id=str(case.case_id),
        number=case.number,
        state=_state_message(case.state),
        category=case.category,
        description=case.description,
        address=case.address,
        source_type=case.source_type.value,
        source_id=case.source_id,
        pollution_source_id=str(case.pollution_source_id or ""),
        grid_id=str(case.grid_id),
        grid_path=case.grid_path,
        responsible_grid_id=str(case.responsible_grid_id),
        responsible_grid_path=case.responsible_grid_path,
        lead_department_id=case.lead_department_id,
        department_id=case.department_id,
        open_time=_time(case.opened_at),
        accept_time=_time(case.accepted_at),
        handle_time=_time(case.handled_at),
        verify_time=_time(case.verified_at),
        close_time=_time(case.closed_at),
        result=case.result,
        clocks=[_clock_message(clock) for clock in case.clocks],
        transfers=[_transfer_message(transfer) for transfer in case.transfers],
        allowed_actions=view.allowed_actions,
        version=case.version,
        longitude=case.longitude,
        latitude=case.latitude,
    )


def _clock_message(clock: Clock) -> pb_case.Clock:
    return pb_case.Clock(
        kind=clock.kind,
        start_time=_time(clock.started_at),
        due_time=_time(clock.due_at),
        stop_time=_time(clock.stopped_at),
        owner=clock.owner,
    )


def _transfer_message(transfer: Transfer) -> pb_case.Transfer:
    return pb_case.Transfer(
        transfer_id=str(transfer.transfer_id),
        to_department_id=transfer.to_department_id,
        reason=transfer.reason,
        state=f"TRANSFER_STATE_{transfer.state.name}",
        offer_time=_time(transfer.offered_at),
        answer_time=_time(transfer.answered_at),
        decline_reason=transfer.decline_reason,
    )


def _entry_message(entry: HistoryEntry) -> pb_case.HistoryEntry:
    act = entry.act
    return pb_case.HistoryEntry(
        sequence=entry.sequence,
        time=_time(act.at),
        actor_id="" if act.actor_id is None else str(act.actor_id),
        action=act.action,
        from_state=_state_message(act.from_state),
        to_state=_state_message(act.to_state),
        note=act.note,
        entry_hash=entry.entry_hash,
        previous_hash=entry.previous_hash,
    )


def _state_message(state: State | None) -> str:
    return f"CASE_STATE_{'UNSPECIFIED' if state is None else state.name}"


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment)
    return message
