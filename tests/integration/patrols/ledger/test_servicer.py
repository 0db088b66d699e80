from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text

from services.grid.serve_grpc import build as build_grid
from services.patrols.serve_grpc import build
from services.patrols.store import make_transaction
from shared.db import migrate
from shared.db.transaction import UnitOfWork
from shared.rpc import paging
from shared.rpc.errors import problem_of
from shared.structure.store import Structure
from tests.integration.service_fixtures import (
    Databases,
    RpcServers,
    Tokens,
    bearer,
    context_of,
    grid_row,
)
from tests.support.refusals import code_of
from wangge.patrols.v1 import ledger_pb2
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc

DOCUMENT = {"categories": [{"id": "straw_burning", "name": "秸秆焚烧"}], "levels": []}
VILLAGE, OTHER = grid_row("1.2."), grid_row("1.3.")


@pytest.fixture
def stub(rpc: RpcServers) -> pb_grpc.PatrolServiceStub:
    peers = {"grid": rpc.serve("grid", build_grid)}
    return pb_grpc.PatrolServiceStub(rpc("patrols", build, peers=peers))


@pytest.fixture
def county(county_id: str, structure: Callable) -> str:
    structure("patrols", county_id, DOCUMENT, [VILLAGE, OTHER])
    return county_id


def submission(county: str, **given: object) -> pb.SubmitPatrolRequest:
    now = datetime.now(UTC)
    request = {
        "county_id": county,
        "client_id": str(uuid4()),
        "grid_id": str(VILLAGE["grid_id"]),
        "start_time": now - timedelta(hours=1),
        "end_time": now - timedelta(minutes=5),
        "summary": "例行巡查",
        "findings": [
            {
                "category": "straw_burning",
                "description": "田间焚烧秸秆,户主电话13812345678",
                "found_time": now - timedelta(minutes=30),
                "longitude": 113.3,
                "latitude": 27.1,
            }
        ],
        "signature": {"sign_time": now},
    }
    return pb.SubmitPatrolRequest(**{**request, **given})


def patroller(token: Tokens, county: str, person_id: UUID | None = None) -> list:
    scopes = {"patrol": ["g:1.2."], "read": ["g:1.2."]}
    return bearer(token(county_id=county, person_id=person_id, capabilities=scopes))


def outbox(databases: Databases, county: str) -> list[dict]:
    with databases.admin_engine("patrols").connect() as connection:
        rows = connection.execute(
            text("SELECT body FROM outbox WHERE county_id = :c ORDER BY event_id"), {"c": county}
        )
        return [orjson.loads(row.body) for row in rows]


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("patrols")
    migrate.check("patrols", databases.admin_url)


def test_a_signed_patrol_enters_the_ledger_with_its_events(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, databases: Databases
) -> None:
    me = uuid4()

    reply = stub.SubmitPatrol(submission(county), metadata=patroller(token, county, me))

    patrol = reply.patrol
    assert (patrol.ledger_number, patrol.patroller_id) == (1, str(me))
    assert len(patrol.record_hash) == 64
    submitted, reported = outbox(databases, county)
    assert submitted["type"] == "wangge.patrols.patrol.submitted.v1"
    assert reported["type"] == "wangge.patrols.finding.reported.v1"
    assert reported["data"]["description"] == "田间焚烧秸秆,户主电话***"
    assert reported["data"]["finding_id"] == patrol.findings[0].finding_id


def test_the_same_request_again_has_no_second_effect(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, databases: Databases
) -> None:
    request = submission(county, request_id="key-1")
    me = patroller(token, county)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: stub.SubmitPatrol(request, metadata=me), range(8)))

    assert len({reply.patrol.patrol_id for reply in replies}) == 1
    assert len(outbox(databases, county)) == 2


def test_a_key_used_for_another_content_is_refused(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    me = patroller(token, county)
    stub.SubmitPatrol(submission(county, request_id="key-1"), metadata=me)

    other = submission(county, request_id="key-1", summary="另一份")

    assert code_of(lambda: stub.SubmitPatrol(other, metadata=me)) == (
        "INVALID_ARGUMENT",
        "IDEMPOTENCY_KEY_REUSED",
    )


def test_the_devices_own_id_makes_a_second_sending_harmless(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    me = patroller(token, county)
    first = submission(county, client_id="phone-7")
    again = pb.SubmitPatrolRequest.FromString(first.SerializeToString())
    again.request_id = "another-key"
    changed = submission(county, client_id="phone-7", summary="改过")

    made = stub.SubmitPatrol(first, metadata=me)

    assert stub.SubmitPatrol(again, metadata=me) == made
    assert code_of(lambda: stub.SubmitPatrol(changed, metadata=me)) == (
        "ALREADY_EXISTS",
        "PATROL_CLIENT_ID_TAKEN",
    )


def test_one_patroller_with_many_devices_keeps_a_dense_ledger(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    me = uuid4()
    metadata = patroller(token, county, me)

    with ThreadPoolExecutor(4) as pool:
        replies = list(
            pool.map(lambda _: stub.SubmitPatrol(submission(county), metadata=metadata), range(8))
        )

    assert sorted(reply.patrol.ledger_number for reply in replies) == list(range(1, 9))
    check = stub.VerifyLedger(
        pb.VerifyLedgerRequest(county_id=county, patroller_id=str(me)), metadata=metadata
    )
    assert (check.records, check.whole) == (8, True)


def test_an_edit_in_the_database_is_detected(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, databases: Databases
) -> None:
    me = uuid4()
    metadata = patroller(token, county, me)
    patrols = [
        stub.SubmitPatrol(submission(county), metadata=metadata).patrol.patrol_id for _ in range(3)
    ]

    with databases.admin_engine("patrols").begin() as connection:
        connection.execute(
            text("UPDATE patrols SET summary = '无异常' WHERE patrol_id = :id"), {"id": patrols[1]}
        )

    check = stub.VerifyLedger(
        pb.VerifyLedgerRequest(county_id=county, patroller_id=str(me)), metadata=metadata
    )
    assert (check.whole, check.first_broken_patrol_id) == (False, patrols[1])


def test_the_application_itself_cannot_change_what_is_signed(databases: Databases) -> None:
    for statement in ("UPDATE patrols SET summary = ''", "DELETE FROM findings"):
        with (
            databases.engine("patrols").connect() as connection,
            pytest.raises(Exception, match="permission denied"),
        ):
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        ({"grid_id": str(OTHER["grid_id"])}, "PERMISSION_DENIED", "PERMISSION_DENIED"),
        ({"grid_id": str(uuid4())}, "NOT_FOUND", "GRID_NOT_FOUND"),
        ({"grid_id": "nonsense"}, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        ({"client_id": ""}, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        ({"findings": [{"category": "noise"}]}, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(  # noqa: PLR0917 - fixtures
    stub: pb_grpc.PatrolServiceStub,
    county: str,
    token: Tokens,
    databases: Databases,
    given: dict,
    code: str,
    reason: str,
) -> None:
    request = submission(county, **given)

    assert code_of(lambda: stub.SubmitPatrol(request, metadata=patroller(token, county))) == (
        code,
        reason,
    )
    assert outbox(databases, county) == []


def test_another_county_finds_nothing(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    made = stub.SubmitPatrol(submission(county), metadata=patroller(token, county)).patrol
    stranger = bearer(token(county_id="elsewhere", capabilities={"read": ["g:"], "patrol": ["g:"]}))

    for named in (county, "elsewhere"):
        request = pb.GetPatrolRequest(county_id=named, patrol_id=made.patrol_id)
        assert code_of(lambda r=request: stub.GetPatrol(r, metadata=stranger))[0] == "NOT_FOUND"
    mine = stub.ListPatrols(pb.ListPatrolsRequest(county_id="elsewhere"), metadata=stranger)
    assert not mine.patrols


def test_without_a_token_or_with_an_old_one_the_port_answers_unauthenticated(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    old = bearer(
        token(county_id=county, capabilities={"patrol": ["g:"]}, lifetime=timedelta(seconds=-1))
    )

    assert code_of(lambda: stub.SubmitPatrol(submission(county)))[0] == "UNAUTHENTICATED"
    assert code_of(lambda: stub.SubmitPatrol(submission(county), metadata=old)) == (
        "UNAUTHENTICATED",
        "TOKEN_EXPIRED",
    )


@pytest.mark.parametrize("key", ["x", 5, None])
def test_a_page_token_of_something_else_is_refused(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, key: object
) -> None:
    request = pb.ListPatrolsRequest(county_id=county, page_token=paging.encode(key))

    refused = code_of(lambda: stub.ListPatrols(request, metadata=patroller(token, county)))

    assert refused == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")


def test_lists_page_by_key_newest_first(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    me = patroller(token, county)
    made = [stub.SubmitPatrol(submission(county), metadata=me).patrol.patrol_id for _ in range(5)]

    seen: list[ledger_pb2.Patrol] = []
    page_token = ""
    while True:
        page = stub.ListPatrols(
            pb.ListPatrolsRequest(county_id=county, page_size=2, page_token=page_token),
            metadata=me,
        )
        seen += page.patrols
        page_token = page.next_page_token
        if not page_token:
            break

    assert [patrol.patrol_id for patrol in seen] == made[::-1]


def test_what_was_handed_in_stays_handed_in_when_the_county_changes_its_categories(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, databases: Databases
) -> None:
    """A device that never heard the answer sends again, after the category was dropped."""
    me = patroller(token, county)
    request = submission(county, client_id="phone-7", request_id="")
    made = stub.SubmitPatrol(request, metadata=me)
    with UnitOfWork(databases.engine("patrols"), make_transaction)(context_of(county)) as tx:
        newer = {"version": 2, "effective_on": date(2026, 1, 1), "document": {"categories": []}}
        tx.store(Structure).apply_scheme(newer)

    assert stub.SubmitPatrol(request, metadata=me) == made
    other = submission(county, client_id="phone-8")
    assert code_of(lambda: stub.SubmitPatrol(other, metadata=me))[0] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("key", ["no id", 7, None])
def test_a_page_token_of_something_else_names_the_field(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, key: object
) -> None:
    request = pb.ListPatrolsRequest(county_id=county, page_token=paging.encode(key))

    with pytest.raises(grpc.RpcError) as caught:
        stub.ListPatrols(request, metadata=patroller(token, county))

    (violation,) = problem_of(caught.value).violations
    assert violation.pointer == "/page_token"


def test_a_moment_beyond_all_years_names_the_field(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens
) -> None:
    request = submission(county)
    request.end_time.seconds = 10**15

    with pytest.raises(grpc.RpcError) as caught:
        stub.SubmitPatrol(request, metadata=patroller(token, county))

    (violation,) = problem_of(caught.value).violations
    assert violation.pointer == "/end_time"


def test_a_patrol_names_the_sources_that_it_looked_at(
    stub: pb_grpc.PatrolServiceStub, county: str, token: Tokens, databases: Databases
) -> None:
    visited = [str(uuid4()), str(uuid4())]
    request = submission(county, pollution_source_ids=visited)
    request.findings[0].pollution_source_id = visited[1]
    who = patroller(token, county)

    patrol = stub.SubmitPatrol(request, metadata=who).patrol

    assert list(patrol.pollution_source_ids) == visited
    assert patrol.findings[0].pollution_source_id == visited[1]
    get = pb.GetPatrolRequest(county_id=county, patrol_id=patrol.patrol_id)
    assert stub.GetPatrol(get, metadata=who).patrol == patrol
    submitted, reported = outbox(databases, county)
    assert submitted["data"]["source_ids"] == visited
    assert reported["data"]["source_id"] == visited[1]
    verify = pb.VerifyLedgerRequest(county_id=county, patroller_id=patrol.patroller_id)
    assert stub.VerifyLedger(verify, metadata=who).whole
    wrong = submission(county, pollution_source_ids=["x"])
    assert code_of(lambda: stub.SubmitPatrol(wrong, metadata=who))[0] == "INVALID_ARGUMENT"
    wrong = submission(county)
    wrong.findings[0].pollution_source_id = "x"
    assert code_of(lambda: stub.SubmitPatrol(wrong, metadata=who))[0] == "INVALID_ARGUMENT"
