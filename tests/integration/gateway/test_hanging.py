"""A service that hangs, or is gone, takes no other with it."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.integration.gateway.cases_process import serve
from tests.integration.gateway.conftest import COUNTY, Process, Services, Start, Tokens
from tests.integration.gateway.test_refusals import CASES, problem
from tests.support.waiting import until
from wangge.cases.v1 import case_service_pb2

PATIENCE = 20
GRIDS = f"/v1/counties/{COUNTY}/grids"


@pytest.fixture
def hanging(services: Services) -> Iterator[threading.Event]:
    """cases does not answer a list until the event is set."""
    go_on = threading.Event()

    def wait(_request: object) -> case_service_pb2.ListCasesResponse:
        go_on.wait(PATIENCE)
        return case_service_pb2.ListCasesResponse()

    services.answer("ListCases", wait)
    yield go_on
    go_on.set()


def test_calls_beyond_the_bound_are_refused_and_others_answered(
    start: Start, hanging: threading.Event, services: Services, signed_in: Tokens
) -> None:
    process = start(HTTP_CALLS_PER_SERVICE="3")
    headers = signed_in("read")
    with ThreadPoolExecutor(3) as readers, httpx.Client(base_url=process.url) as client:
        waiting = [
            readers.submit(httpx.get, process.url + CASES, headers=headers, timeout=20)
            for _ in range(3)
        ]
        until(lambda: len(services.received) == 3)

        refused = client.get(CASES, headers=headers)
        others = [client.get(GRIDS, headers=headers) for _ in range(10)]
        alive = client.get("/healthz")
        hanging.set()

    problem(refused, 503, "OVERLOADED")
    assert refused.headers["retry-after"] == "1"
    assert {answer.status_code for answer in [*others, alive]} == {200}
    assert [each.result().status_code for each in waiting] == [200, 200, 200]
    assert httpx.get(process.url + CASES, headers=headers).status_code == 200


def test_a_service_that_is_gone_is_left_alone_and_found_again(
    start: Start, signed_in: Tokens
) -> None:
    port = free_port()
    process = start(CASES_GRPC_ADDR=f"127.0.0.1:{port}")
    headers = signed_in("read")
    with httpx.Client(base_url=process.url, headers=headers, timeout=PATIENCE) as client:
        first = client.get(CASES)
        until(lambda: client.get(CASES).json()["reason"] == "SERVICE_NOT_ANSWERING")
        left_alone = client.get(CASES)
        other = client.get(GRIDS)
        with served(port):
            until(lambda: client.get(CASES).status_code == 200)

    problem(first, 503, "PEER_UNAVAILABLE")
    assert "retry-after" in first.headers
    problem(left_alone, 503, "SERVICE_NOT_ANSWERING")
    assert left_alone.headers["retry-after"] == "1"
    assert other.status_code == 200


def test_a_platform_that_is_down_says_when_to_ask_again(start: Start) -> None:
    gone = f"127.0.0.1:{free_port()}"
    names = ("GRID", "PERSONNEL", "PATROLS", "CASES", "NOTIFICATIONS", "DISCLOSURE", "ASSESSMENT")
    process = start(**{f"{name}_GRPC_ADDR": gone for name in names})

    answer = httpx.get(f"{process.url}/health", timeout=PATIENCE)

    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.usefixtures("services")
def test_no_worker_outlives_a_killed_gateway(start: Start) -> None:
    process = start(HTTP_WORKERS="2")

    os.kill(process.child.pid, signal.SIGKILL)
    process.child.wait()

    until(lambda: not listens(process))


def listens(process: Process) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", process.http_port)) == 0


@contextmanager
def served(port: int) -> Iterator[None]:
    """An empty cases service at the port."""
    server, bound = serve(port)
    assert bound == port
    yield
    server.stop(0).wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
