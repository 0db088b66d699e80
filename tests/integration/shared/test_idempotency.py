"""`once` on real transactions; confirming a notice serves as the request."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.notifications.rules.domain import Contact
from services.notifications.rules.store import HolderStore
from services.notifications.store import NotificationsTransaction, make_transaction
from shared.context import RequestContext
from shared.db.transaction import UnitOfWork
from shared.errors import Aborted, IdempotencyKeyReused
from shared.rpc import call
from shared.rpc.idempotency import once
from tests.integration.service_fixtures import Databases, context_of
from tests.support.waiting import LIMIT_SECONDS
from wangge.notifications.v1 import inbox_pb2
from wangge.notifications.v1 import inbox_service_pb2 as pb

Work = UnitOfWork[NotificationsTransaction]


@pytest.fixture
def work(databases: Databases) -> Work:
    return UnitOfWork(databases.engine("notifications"), make_transaction)


@pytest.fixture
def me(county_id: str) -> RequestContext:
    return context_of(county_id)


def request_for(notice: str = "n-1", key: str = "key-1") -> pb.ConfirmNoticeRequest:
    return pb.ConfirmNoticeRequest(request_id=key, notice_id=notice)


def leaves_a_trace(tx: NotificationsTransaction) -> pb.ConfirmNoticeResponse:
    """Have an effect that can be counted, and an answer that is another every time."""
    person = uuid4()
    tx.store(HolderStore).keep_contact(Contact(person, 1, "测试员", None, None))
    return pb.ConfirmNoticeResponse(notice=inbox_pb2.Notice(notice_id=str(person)))


def traces(databases: Databases, county: str, table: str = "contacts") -> int:
    with databases.admin_engine("notifications").connect() as connection:
        query = text(f"SELECT count(*) FROM {table} WHERE county_id = :county")
        return connection.execute(query, {"county": county}).scalar_one()


def ask(
    work: Work,
    context: RequestContext,
    request: pb.ConfirmNoticeRequest,
    act: Callable = leaves_a_trace,
    races: tuple[str, ...] = (),
) -> pb.ConfirmNoticeResponse:
    with call.answering(context, None):
        return once(work, request, pb.ConfirmNoticeResponse, act, races)


def test_the_same_key_and_content_has_one_effect_and_one_answer(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    first = ask(work, me, request_for())

    assert ask(work, me, request_for()) == first
    assert traces(databases, me.county_id) == 1


def test_the_same_key_with_another_content_is_refused(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    ask(work, me, request_for())

    with pytest.raises(IdempotencyKeyReused):
        ask(work, me, request_for("n-2"))
    assert traces(databases, me.county_id) == 1


def test_another_key_another_person_and_another_county_are_other_requests(
    work: Work, me: RequestContext, county_id: str
) -> None:
    callers = [me, context_of(county_id), context_of(f"{county_id}-b")]

    answers = [ask(work, caller, request_for()) for caller in callers]
    answers.append(ask(work, me, request_for(key="key-2")))

    assert len({answer.notice.notice_id for answer in answers}) == 4


def test_without_a_key_each_request_runs_and_nothing_is_kept(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    ask(work, me, request_for(key=""))
    ask(work, me, request_for(key=""))

    assert traces(databases, me.county_id) == 2
    assert traces(databases, me.county_id, "idempotency_keys") == 0


def test_eight_at_once_have_one_effect_and_one_answer(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    together = threading.Barrier(8)

    def act(tx: NotificationsTransaction) -> pb.ConfirmNoticeResponse:
        if not together.broken:
            wait_for_all(together)
        return leaves_a_trace(tx)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(work, me, request_for(), act), range(8)))

    assert len({answer.notice.notice_id for answer in answers}) == 1
    assert traces(databases, me.county_id) == 1


def test_one_that_finds_the_state_changed_by_its_own_twin_gets_the_twins_answer(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    """Both have read that nothing was done; the slower must not be told STALE_VERSION."""
    both_have_read = threading.Barrier(2)
    first_is_done = threading.Event()
    turn = threading.Lock()

    def act(tx: NotificationsTransaction) -> pb.ConfirmNoticeResponse:
        both_have_read.wait(LIMIT_SECONDS)
        if turn.acquire(blocking=False):
            return leaves_a_trace(tx)
        first_is_done.wait(LIMIT_SECONDS)
        raise Aborted(expected=1, actual=2)

    def send(_: int) -> pb.ConfirmNoticeResponse:
        answer = ask(work, me, request_for(), act)
        first_is_done.set()
        return answer

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(send, range(2))

    assert one == other
    assert traces(databases, me.county_id) == 1


def test_what_raises_leaves_neither_effect_nor_answer(
    work: Work, me: RequestContext, databases: Databases
) -> None:
    def act(tx: NotificationsTransaction) -> pb.ConfirmNoticeResponse:
        leaves_a_trace(tx)
        raise Aborted(expected=1, actual=2)

    for _ in range(2):
        with pytest.raises(Aborted):
            ask(work, me, request_for(), act)
    assert traces(databases, me.county_id) == 0
    assert traces(databases, me.county_id, "idempotency_keys") == 0

    assert ask(work, me, request_for()).notice.notice_id


RACE = "pk_contacts"


def insert_contact(tx: NotificationsTransaction, person: object) -> None:
    tx.connection.execute(
        text(
            "INSERT INTO contacts (county_id, person_id, version, display_name)"
            " VALUES (:county, :person, 1, '')"
        ),
        {"county": tx.context.county_id, "person": person},
    )


def test_a_race_that_was_named_is_run_again_and_one_that_was_not_is_told(
    work: Work, me: RequestContext
) -> None:
    person, tries = uuid4(), []
    with work(me) as tx:
        insert_contact(tx, person)

    def act(tx: NotificationsTransaction) -> pb.ConfirmNoticeResponse:
        tries.append(1)
        insert_contact(tx, person if len(tries) < 3 else uuid4())
        return pb.ConfirmNoticeResponse()

    with pytest.raises(IntegrityError):
        ask(work, me, request_for(key="a"), act)
    assert len(tries) == 1

    tries.clear()
    ask(work, me, request_for(key="b"), act, races=(RACE,))
    assert len(tries) == 3


def test_a_race_that_is_always_lost_is_told_in_the_end(work: Work, me: RequestContext) -> None:
    person = uuid4()
    with work(me) as tx:
        insert_contact(tx, person)

    with pytest.raises(IntegrityError):
        ask(work, me, request_for(), lambda tx: insert_contact(tx, person), races=(RACE,))


def wait_for_all(barrier: threading.Barrier) -> None:
    """Meet the others once; those that come again later do not wait."""
    try:
        barrier.wait(LIMIT_SECONDS)
        barrier.abort()
    except threading.BrokenBarrierError:
        return
