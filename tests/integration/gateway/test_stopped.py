"""A service whose process stands still holds up its own callers, for a time, and nobody else."""

import math
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import httpx
import pytest

from gateway.calls import CALLS_AT_ONCE
from gateway.routes import ROUTES
from tests.integration.gateway.cases_process import cases_process
from tests.integration.gateway.conftest import COUNTY, Start, Tokens
from tests.integration.gateway.raw import Answer, Connection
from tests.integration.gateway.test_refusals import CASES, problem
from tests.support.waiting import until

GRIDS = f"/v1/counties/{COUNTY}/grids"
CALLERS = 200
READS = 200
FLOOR_SECONDS = 0.05
"""A p99 below this is good whatever it was before: so much a busy machine adds by itself."""
HEALTHZ_SECONDS = 0.1
FOUND_AGAIN_SECONDS = 5
BUSY_SECONDS = 3
"""What a busy machine may add to a deadline until the last of the callers has read its answer."""
DEADLINE = next(route.deadline for route in ROUTES if route.rpc.path.endswith("/ListCases"))


@pytest.fixture
def cases() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with cases_process() as running:
        yield running


def p99_of_reads(client: httpx.Client, headers: dict[str, str]) -> float:
    """Seconds within which 99 of 100 lists of grids are answered, one after the other."""
    answers = [client.get(GRIDS, headers=headers) for _ in range(READS)]
    assert {answer.status_code for answer in answers} == {200}
    seconds = sorted(answer.elapsed.total_seconds() for answer in answers)
    return seconds[math.ceil(0.99 * READS) - 1]


def median_of_healthz(client: httpx.Client) -> float:
    answers = [client.get("/healthz") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    return median(answer.elapsed.total_seconds() for answer in answers)


def ask(connection: Connection, headers: dict[str, str]) -> None:
    token = headers["Authorization"]
    head = f"GET {CASES} HTTP/1.1\r\nHost: gateway\r\nAuthorization: {token}\r\n\r\n"
    connection.send(head.encode())


def is_refused_for_a_while(answer: Answer) -> bool:
    return answer.status in (503, 504) and int(answer.header("retry-after") or 0) >= 1


@pytest.mark.usefixtures("services")
def test_a_stopped_service_holds_up_nobody_else_and_is_found_again(
    start: Start, signed_in: Tokens, cases: tuple[subprocess.Popen[bytes], int]
) -> None:
    child, port = cases
    process = start(CASES_GRPC_ADDR=f"127.0.0.1:{port}", RATE_LIMIT_PERSON="100000/minute")
    headers = signed_in("read")
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=process.url, timeout=2 * DEADLINE))
        callers = [stack.enter_context(Connection(process)) for _ in range(CALLERS)]
        assert client.get(CASES, headers=headers).status_code == 200
        p99_of_reads(client, headers)  # connections and caches get warm
        before = p99_of_reads(client, headers)

        child.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        for each in callers:
            ask(each, headers)
        until(lambda: sum(each.is_answered for each in callers) >= CALLERS - CALLS_AT_ONCE)
        meanwhile = p99_of_reads(client, headers)
        healthz = median_of_healthz(client)
        hanging = sum(not each.is_answered for each in callers)
        answers = [each.answer() for each in callers]
        waited = time.monotonic() - stopped

        # Five calls in a row had no answer: the service is left alone.
        left_alone = client.get(CASES, headers=headers)
        p99_left_alone = p99_of_reads(client, headers)

        child.send_signal(signal.SIGCONT)
        until(
            lambda: client.get(CASES, headers=headers).status_code == 200,
            "an answer of the service that goes on",
            seconds=FOUND_AGAIN_SECONDS,
        )

    assert hanging == CALLS_AT_ONCE, "the reads took longer than the calls hung"
    assert max(meanwhile, p99_left_alone) <= max(2 * before, FLOOR_SECONDS)
    assert healthz < HEALTHZ_SECONDS
    assert all(is_refused_for_a_while(answer) for answer in answers)
    assert {answer.status for answer in answers} == {503, 504}
    assert waited < DEADLINE + BUSY_SECONDS
    problem(left_alone, 503, "SERVICE_NOT_ANSWERING")
    assert left_alone.elapsed.total_seconds() < 1
