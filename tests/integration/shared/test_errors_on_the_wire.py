"""What a caller reads of a refusal, from peers too, and what happens without the database."""

import logging
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import grpc
import pytest
from sqlalchemy import text

from services.notifications.store import make_transaction
from shared.db.engine import make_engine
from shared.db.transaction import UnitOfWork
from shared.errors import (
    AlreadyExists,
    DomainError,
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    Text,
    Violation,
)
from shared.rpc import call
from shared.rpc.client import channel, peer_channel
from shared.rpc.errors import Problem, problem_of
from shared.rpc.idempotency import once
from shared.rpc.rules import AccessRule
from shared.structure.store import StructureNotYetKnown
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer
from tests.integration.shared.serving import mounting
from tests.support.waiting import LIMIT_SECONDS
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc

GONE = "postgresql+psycopg://nobody:nothing@127.0.0.1:1/nowhere"


@pytest.fixture
def asking(rpc: RpcServers) -> Callable[..., Problem]:
    def ask(answer: Callable, **given: object) -> Problem:
        stub = pb_grpc.InboxServiceStub(rpc("notifications", mounting(answer, AccessRule.public())))
        with pytest.raises(grpc.RpcError) as caught:
            stub.ListInbox(pb.ListInboxRequest(county_id="t1"), timeout=LIMIT_SECONDS, **given)
        return problem_of(caught.value)

    return ask


def raising(error: Exception) -> Callable:
    def answer(*_: object) -> None:
        raise error

    return answer


class NotNow(FailedPrecondition):
    """Refused in this state."""

    reason = "NOT_NOW"
    title = Text("Not now", "现在不行")
    detail = Text("It is {state}.", "当前为{state}。")


def test_a_refusal_keeps_reason_metadata_and_both_languages(asking: Callable) -> None:
    problem = asking(raising(NotNow(state="closed 已结案")))

    assert problem.status is grpc.StatusCode.FAILED_PRECONDITION
    assert (problem.reason, problem.domain) == ("NOT_NOW", "notifications.wangge")
    assert problem.metadata == {"state": "closed 已结案"}
    assert problem.title == Text("Not now", "现在不行")
    assert problem.detail == Text("It is closed 已结案.", "当前为closed 已结案。")
    assert problem.violations == ()


def violation(number: int) -> Violation:
    text = Text("Use one of: straw_burning, sewage.", "可用类别:秸秆焚烧、污水直排。")
    return Violation(f"/findings/{number}/category", text)


def test_violations_keep_pointer_and_both_languages_in_order(asking: Callable) -> None:
    violations = tuple(violation(number) for number in range(3))

    assert asking(raising(InvalidArgument(violations))).violations == violations


def test_as_many_violations_as_a_form_can_have_arrive_at_least_in_part(asking: Callable) -> None:
    """They travel in trailing metadata, of which our clients take a bounded amount."""
    violations = tuple(violation(number) for number in range(500))

    problem = asking(raising(InvalidArgument(violations)))

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
    )
    assert problem.violations == violations[: len(problem.violations)]
    assert len(problem.violations) >= 100


def test_a_refusal_that_repeats_a_huge_input_arrives_all_the_same(asking: Callable) -> None:
    problem = asking(raising(NotNow(state="很长" * 5_000)))

    assert problem.reason == "NOT_NOW"
    assert problem.metadata["state"].startswith("很长很长")


def test_a_limit_says_when_to_come_back(asking: Callable) -> None:
    assert asking(raising(ResourceExhausted(retry_after=7))).retry_after == 7


@pytest.mark.parametrize("kind", [AlreadyExists(kind="case", id="7"), NotNow(state="x")])
def test_each_kind_has_its_status(asking: Callable, kind: DomainError) -> None:
    assert asking(raising(kind)).status.name == kind.status


def test_a_county_whose_structure_is_on_its_way_is_unavailable_not_broken(
    asking: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    problem = asking(raising(StructureNotYetKnown("scheme of county t1")))

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "STRUCTURE_NOT_READY",
    )
    assert problem.retry_after == 2
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_server_that_is_not_there_is_a_problem_too() -> None:
    with (
        channel("127.0.0.1:1") as nowhere,
        pytest.raises(grpc.RpcError) as caught,
    ):
        pb_grpc.InboxServiceStub(nowhere).ListInbox(pb.ListInboxRequest(), timeout=5)

    problem = problem_of(caught.value)
    assert problem.reason == "PEER_UNAVAILABLE"
    assert problem.detail.zh


# The database.


def test_without_the_database_the_answer_is_that_it_is_away(asking: Callable) -> None:
    engine = make_engine(GONE, pool_size=1, application_name="test")
    work = UnitOfWork(engine, make_transaction)

    def answer(request: pb.ListInboxRequest, _: object) -> None:
        once(work, request, pb.ListInboxResponse, lambda tx: tx.commit())

    problem = asking(answer)

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "DATABASE_UNAVAILABLE",
    )
    assert "127.0.0.1" not in problem.detail.en
    engine.dispose()


def test_a_connection_cut_in_the_middle_is_unavailable_and_the_next_request_is_served(
    asking: Callable, databases: Databases
) -> None:
    engine = make_engine(databases.url("notifications"), pool_size=1, application_name="cut")
    admin = databases.admin_engine("notifications")
    work = UnitOfWork(engine, make_transaction)

    def answer(*_: object) -> None:
        with work(call.current()) as tx:
            pid = tx.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with admin.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            tx.connection.execute(text("SELECT 1"))

    assert asking(answer).reason == "DATABASE_UNAVAILABLE"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


# Peers.


@pytest.fixture
def chain(rpc: RpcServers) -> Callable[..., pb_grpc.InboxServiceStub]:
    """A service whose every request asks a peer, which does as ``answer`` says."""

    def make(answer: Callable) -> pb_grpc.InboxServiceStub:
        address = rpc.serve("notifications", mounting(answer, AccessRule(any_post=True)))
        opened = peer_channel(address)

        def forward(request: pb.ListInboxRequest, _: object) -> pb.ListInboxResponse:
            return pb_grpc.InboxServiceStub(opened).ListInbox(request)

        return pb_grpc.InboxServiceStub(
            rpc("assessment", mounting(forward, AccessRule(any_post=True)))
        )

    return make


def test_a_peer_acts_for_the_same_caller_under_the_same_ids_and_deadline(
    chain: Callable, token: Tokens
) -> None:
    seen = []
    stub = chain(lambda *_: seen.append((call.current(), call.seconds_left(60))))
    person = uuid4()
    mine = bearer(token(county_id="t1", person_id=person))
    metadata = [*mine, ("x-correlation-id", "corr-9"), ("traceparent", "00-ab-cd-01")]

    stub.ListInbox(pb.ListInboxRequest(county_id="t1"), metadata=metadata, timeout=3)

    ((context, left),) = seen
    assert (context.actor_id, context.county_id) == (person, "t1")
    assert (context.correlation_id, context.traceparent) == ("corr-9", "00-ab-cd-01")
    assert 0 < left <= 3


def test_a_peer_has_ten_seconds_where_the_caller_set_no_deadline(
    chain: Callable, token: Tokens
) -> None:
    seen = []
    stub = chain(lambda *_: seen.append(call.seconds_left(60)))

    stub.ListInbox(pb.ListInboxRequest(county_id="t1"), metadata=bearer(token(county_id="t1")))

    assert 9 < seen[0] < 11  # grpc rounds what it sends up


def test_a_peers_refusal_is_passed_on_as_it_is(chain: Callable, token: Tokens) -> None:
    refusal = InvalidArgument([violation(1)])
    stub = chain(raising(refusal))

    with pytest.raises(grpc.RpcError) as caught:
        stub.ListInbox(pb.ListInboxRequest(county_id="t1"), metadata=bearer(token(county_id="t1")))

    problem = problem_of(caught.value)
    assert (problem.reason, problem.domain) == ("INVALID_ARGUMENT", "notifications.wangge")
    assert problem.violations == refusal.violations


def test_a_peer_that_is_slow_does_not_hold_its_caller_beyond_the_deadline(
    chain: Callable, token: Tokens
) -> None:
    answered = threading.Event()
    stub = chain(lambda *_: answered.wait(LIMIT_SECONDS))
    started = time.monotonic()

    with pytest.raises(grpc.RpcError) as caught:
        stub.ListInbox(
            pb.ListInboxRequest(county_id="t1"),
            metadata=bearer(token(county_id="t1")),
            timeout=0.5,
        )

    held = time.monotonic() - started
    answered.set()
    assert held < LIMIT_SECONDS / 2
    assert problem_of(caught.value).reason == "PEER_UNAVAILABLE"
