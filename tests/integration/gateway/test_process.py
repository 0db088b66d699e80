"""The gateway as a process: limits, workers, logs, and a quiet end."""

import json
import os
import subprocess
import sys
import threading
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.conftest import COUNTY, Services, Start, Tokens
from tests.integration.gateway.test_refusals import CASES, problem
from tests.support.waiting import LIMIT_SECONDS, until
from wangge.cases.v1 import case_service_pb2

LOGIN = {"county": COUNTY, "username": "direct", "password": "guess"}


def test_guessing_passwords_ends_soon(start: Start, services: Services) -> None:
    url = start(RATE_LIMIT_LOGIN="3/minute").url

    answers = [httpx.post(f"{url}/v1/auth/token", json=LOGIN) for _ in range(4)]
    another = httpx.post(f"{url}/v1/auth/token", json=LOGIN | {"username": "officer"})

    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[3], 429, "TOO_MANY_LOGINS")
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert another.status_code == 200
    assert len(services.received) == 4


@pytest.mark.usefixtures("services")
def test_one_person_and_one_address_have_their_limits(start: Start, signed_in: Tokens) -> None:
    url = start(RATE_LIMIT_PERSON="2/minute", RATE_LIMIT_PUBLIC="2/minute").url
    mine, yours = (signed_in("read", person_id=uuid4()) for _ in range(2))
    public = f"{url}/public/v1/counties/{COUNTY}/publications"

    statuses = [httpx.get(url + CASES, headers=mine).status_code for _ in range(3)]
    public_answers = [httpx.get(public) for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert httpx.get(url + CASES, headers=yours).status_code == 200
    problem(public_answers[2], 429, "TOO_MANY_REQUESTS")
    assert "retry-after" in public_answers[2].headers


@pytest.mark.usefixtures("services")
def test_addresses_behind_a_trusted_proxy_are_told_apart(start: Start) -> None:
    url = start(RATE_LIMIT_PUBLIC="1/minute", TRUSTED_PROXIES="1").url
    public = f"{url}/public/v1/counties/{COUNTY}/publications"

    first = httpx.get(public, headers={"X-Forwarded-For": "203.0.113.7"})
    forged = httpx.get(public, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    other = httpx.get(public, headers={"X-Forwarded-For": "203.0.113.8"})

    assert [first.status_code, forged.status_code, other.status_code] == [200, 429, 200]


@pytest.mark.usefixtures("services")
def test_several_workers_are_measured_together(start: Start, signed_in: Tokens) -> None:
    process = start(HTTP_WORKERS="2")
    for _ in range(40):
        httpx.get(process.url + CASES, headers=signed_in("read"))

    shown = httpx.get(f"http://127.0.0.1:{process.metrics_port}/metrics").text
    ready = httpx.get(f"http://127.0.0.1:{process.metrics_port}/readyz")

    line = next(
        line
        for line in shown.splitlines()
        if line.startswith("wangge_http_request_duration_seconds_count") and "/cases" in line
    )
    assert float(line.rsplit(" ", 1)[1]) == 40
    assert ready.json() == {"status": "ok", "checks": {"http": "ok"}}


@pytest.mark.usefixtures("services")
def test_the_log_is_json_and_holds_no_secret(start: Start, signed_in: Tokens) -> None:
    process = start()
    headers = signed_in("read") | {"X-Correlation-Id": "find-me-again"}
    httpx.get(f"{process.url}{CASES}?category=secret-word", headers=headers)
    httpx.post(f"{process.url}/v1/auth/token", json=LOGIN | {"password": "hunter2hunter2"})

    process.end()

    output = process.output.read_text()
    lines = [json.loads(line) for line in output.splitlines()]
    answered = next(line for line in lines if line.get("correlation_id") == "find-me-again")
    assert answered["method"] == "GET /v1/counties/{county}/cases"
    assert (answered["status"], answered["county_id"]) == (200, COUNTY)
    assert answered["actor_id"]
    for secret in ("hunter2", "secret-word", headers["Authorization"]):
        assert secret not in output


def test_a_request_at_hand_is_answered_before_the_end(
    start: Start, signed_in: Tokens, services: Services
) -> None:
    arrived, ending = threading.Event(), threading.Event()

    def slow(_request: object) -> case_service_pb2.ListCasesResponse:
        arrived.set()
        ending.wait(LIMIT_SECONDS)
        return case_service_pb2.ListCasesResponse()

    services.answer("ListCases", slow)
    process, answers = start(), []
    ask = threading.Thread(
        target=lambda: answers.append(
            httpx.get(process.url + CASES, headers=signed_in("read"), timeout=LIMIT_SECONDS)
        )
    )
    ask.start()
    assert arrived.wait(LIMIT_SECONDS)
    said = process.output.stat().st_size

    process.child.terminate()
    until(lambda: process.output.stat().st_size > said, "a word that it ends")
    ending.set()
    code = process.end()
    ask.join()

    assert code == 0
    assert [answer.status_code for answer in answers] == [200]


def test_what_is_missing_is_named_at_once() -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}

    ended = subprocess.run(
        [sys.executable, "-m", "gateway"],
        env=environ | {"RATE_LIMIT_LOGIN": "often", "HTTP_PORT": "http"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    for name in ("HTTP_PORT", "METRICS_PORT", "TOKEN_JWKS", "CASES_GRPC_ADDR"):
        assert name in ended.stderr
    assert "Traceback" not in ended.stderr
