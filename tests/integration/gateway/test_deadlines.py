"""Clients that are slow, or break off: they cost themselves and nobody else."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median
from typing import Any

import httpx
import pytest

from gateway.reading import MAX_BODY_BYTES
from tests.integration.gateway.conftest import COUNTY, Process, Services, Start, Tokens
from tests.integration.gateway.raw import SIGN_IN, Connection
from tests.integration.gateway.test_refusals import CASE, CASES, PATROL, PATROLS
from tests.support.waiting import until
from wangge.patrols.v1 import ledger_service_pb2

PUBLIC_READ_SECONDS = 0.2
"""What half of the public reads take at most while others send slowly."""
WORST_SECONDS = 1.0
"""What each of them takes at most, on a busy machine too."""
PUBLIC = f"/public/v1/counties/{COUNTY}/publications"


@pytest.fixture(scope="module")
def strict(start: Start) -> Process:
    """A gateway that waits a second for a head, and for a body."""
    return start(HTTP_HEADER_SECONDS="1", HTTP_BODY_SECONDS="1")


@pytest.fixture
def connection(strict: Process) -> Iterator[Connection]:
    with Connection(strict) as connection:
        yield connection


@pytest.mark.parametrize("head", [b"", b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n"])
def test_a_head_that_does_not_come_ends_the_connection(connection: Connection, head: bytes) -> None:
    connection.send(head)

    assert connection.answer_until_closed() is None


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"]
)
def test_a_body_that_does_not_come_is_408_and_ends_the_connection(
    connection: Connection, services: Services, framing: bytes
) -> None:
    connection.send(
        b"POST /v1/auth/token HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        + framing
    )

    answer = connection.answer_until_closed()

    assert answer is not None
    assert answer.status == 408
    assert answer.header("connection") == "close"
    assert answer.header("content-type") == "application/problem+json"
    assert json.loads(answer.body)["reason"] == "BODY_TOO_SLOW"
    assert not services.received


def test_a_body_in_pieces_that_come_in_time_is_taken(
    connection: Connection, services: Services
) -> None:
    body = json.dumps({"county": COUNTY, "username": "direct", "password": "guess"}).encode()
    connection.send(SIGN_IN.replace(b"1000\r\n\r\n{", b"%d\r\n\r\n" % len(body)))
    for place in range(len(body)):
        connection.send(body[place : place + 1])

    assert connection.answer().status == 200
    assert services.last.request.username == "direct"


def test_a_client_that_breaks_off_in_the_body_reaches_no_service(
    strict: Process, services: Services
) -> None:
    with Connection(strict) as connection:
        connection.send(SIGN_IN)

    assert httpx.get(f"{strict.url}/healthz").status_code == 200
    assert not services.received


@pytest.mark.usefixtures("services")
def test_two_hundred_slow_bodies_of_one_address_hold_up_nobody(start: Start) -> None:
    """Public reads stay under 200 ms (the median; the slowest under a second)."""
    process = start(HTTP_BODIES_PER_ADDRESS="20")
    with ExitStack() as stack:
        slow = [stack.enter_context(Connection(process)) for _ in range(200)]
        for each in slow:
            each.send(SIGN_IN)
        until(lambda: sum(each.is_answered for each in slow) == 180)
        refused = [each.answer_until_closed() for each in slow if each.is_answered]
        with httpx.Client(base_url=process.url, timeout=20) as client:
            read = [client.get(f"{PUBLIC}?page_size={size}") for size in range(1, 11)]
            alive = [client.get("/healthz") for _ in range(10)]

    assert len(refused) == 180
    assert {answer.status for answer in refused if answer} == {429}
    assert all(answer and answer.header("connection") == "close" for answer in refused)
    assert all(answer and answer.header("retry-after") == "1" for answer in refused)
    assert {answer.status_code for answer in [*read, *alive]} == {200}
    waited = [answer.elapsed.total_seconds() for answer in [*read, *alive]]
    assert median(waited[: len(read)]) < PUBLIC_READ_SECONDS
    assert max(waited) < WORST_SECONDS


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("POST /v1/nothing", 404),
        (f"POST {CASE}", 405),
        (f"POST {PATROLS}", 401),
    ],
)
def test_an_answer_before_the_body_says_that_the_connection_ends(
    gateway: Process, line: str, status: int
) -> None:
    with Connection(gateway) as connection:
        connection.send(f"{line} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 9\r\n\r\n{{".encode())
        answer = connection.answer_until_closed()

    assert answer is not None
    assert answer.status == status
    assert answer.header("connection") == "close"


def test_a_body_too_large_is_refused_at_once_and_ends_the_connection(
    gateway: Process, services: Services, signed_in: Tokens
) -> None:
    token = signed_in("patrol")["Authorization"]
    with Connection(gateway) as connection:
        connection.send(
            f"POST {PATROLS} HTTP/1.1\r\nHost: gateway\r\nAuthorization: {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n".encode()
        )
        answer = connection.answer_until_closed()

    assert answer is not None
    assert (answer.status, answer.header("connection")) == (413, "close")
    assert not services.received


@pytest.mark.usefixtures("services")
def test_a_refusal_without_a_body_leaves_the_connection_open(gateway: Process) -> None:
    with Connection(gateway) as connection:
        for path in ("/v1/nothing", CASES, "/healthz"):
            connection.send(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            assert connection.answer().header("connection") is None


def test_a_large_body_is_read_whole(
    gateway: Process, services: Services, signed_in: Tokens
) -> None:
    services.answer("SubmitPatrol", ledger_service_pb2.SubmitPatrolResponse())
    finding: dict[str, Any] = {
        "category": "straw_burning",
        "description": "露" * 1900,
        "found_time": "2026-03-05T08:30:00+08:00",
    }
    body = PATROL | {"findings": [finding] * 50}

    answer = httpx.post(gateway.url + PATROLS, json=body, headers=signed_in("patrol"), timeout=20)

    assert answer.status_code == 201
    assert len(services.last.request.findings) == 50
