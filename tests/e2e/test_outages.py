"""Servers go away and processes die under the running platform: it says so, and loses nothing.

These tests stop the servers of the stack: where the run's are not its own, it starts another.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import kombu
import pytest
from sqlalchemy.engine import make_url

from deploy import dead_letters, prepare, roles
from deploy.demo.http import eventually
from deploy.local import postgres, rabbitmq, servers, supervisor
from deploy.processes import SERVICES
from tests.e2e.conftest import running
from tests.e2e.platform import VILLAGE, Platform, Village, finding, patrol

pytestmark = pytest.mark.e2e

FINDINGS, PER_PATROL = 40, 4
EVENTS_PROCESSES = ("patrols-events", "cases-events", "notifications-events")


@pytest.fixture(scope="module")
def county(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    with ExitStack() as left:
        if not platform.runs_its_servers:
            folder = tmp_path_factory.mktemp("outages")
            platform = left.enter_context(running(folder, own_servers=True))
        if not platform.runs_its_servers:
            pytest.skip("the servers run in containers, which these tests cannot stop one by one")
        yield Village(platform, "e2e-outages").settle()


@pytest.fixture(scope="module")
def letters(county: Village) -> Counter[Any]:
    """Dead letters that other tests have left."""
    return dead(county.platform)


def test_without_a_broker_work_goes_on_and_with_it_every_finding_has_its_one_case(
    county: Village, letters: Counter[Any]
) -> None:
    platform = county.platform
    rabbitmq.stop(platform.state)
    try:
        eventually("degraded", lambda: health(platform) == (200, "degraded") or None)
        found = submit(county, FINDINGS)
        held = pending(platform, "patrols")
        cases = cases_by_finding(county)
    finally:
        servers.start(platform.state, {})

    assert held >= FINDINGS
    assert not cases.keys() & found
    settled(county, letters, found)
    eventually("ok again", lambda: health(platform) == (200, "ok") or None)


def test_processes_killed_at_work_are_started_again_and_nothing_is_lost_or_done_twice(
    county: Village, letters: Counter[Any]
) -> None:
    platform = county.platform
    found = submit(county, FINDINGS // 2)
    before = supervisor.reports(platform.state)
    for name in EVENTS_PROCESSES:
        os.kill(before[name].pid, signal.SIGKILL)
    found |= submit(county, FINDINGS // 2)

    settled(county, letters, found)
    after = supervisor.reports(platform.state)
    for name in EVENTS_PROCESSES:
        assert after[name].pid not in {0, before[name].pid}


def test_without_the_database_every_answer_is_503_and_with_it_work_goes_on(
    county: Village, letters: Counter[Any]
) -> None:
    platform = county.platform
    headers = {"Authorization": f"Bearer {county.admin.token}", "Accept-Language": "zh"}
    postgres.stop(platform.state)
    try:
        answers = {
            name: platform.http.get(f"{county.base}/{name}", headers=headers)
            for name in ("cases", "patrols", "people", "grids", "register", "inbox")
        }
        eventually("down", lambda: health(platform) == (503, "down") or None)
    finally:
        servers.start(platform.state, {})

    for name, answer in answers.items():
        assert (name, answer.status_code) == (name, 503)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["reason"] == "DATABASE_UNAVAILABLE"
    eventually("ok again", lambda: health(platform) == (200, "ok") or None)
    settled(county, letters, submit(county, PER_PATROL))


def submit(county: Village, findings: int) -> set[str]:
    """Hand patrols in; return the ids of what they found."""
    found: set[str] = set()
    for _ in range(findings // PER_PATROL):
        body = patrol(county.grids[VILLAGE], *(finding() for _ in range(PER_PATROL)))
        made = county.people["patroller"].post(f"{county.base}/patrols:submit", body).json
        found |= {each["finding_id"] for each in made["findings"]}
    return found


def settled(county: Village, letters: Counter[Any], found: set[str]) -> None:
    """Wait until nothing is under way; then each finding has one case, and each case one notice."""
    eventually("every case", lambda: found <= cases_by_finding(county).keys() or None)
    eventually("nothing under way", lambda: under_way(county.platform) == {} or None)
    cases = cases_by_finding(county)
    opened = [case_id for finding_id in found for case_id in cases[finding_id]]
    notices = notices_by_case(county)

    assert {finding_id: len(cases[finding_id]) for finding_id in found} == dict.fromkeys(found, 1)
    assert {case_id: notices[case_id] for case_id in opened} == dict.fromkeys(opened, 1)
    assert dead(county.platform) == letters


def dead(platform: Platform) -> Counter[dead_letters.DeadLetter]:
    """What the services have given up on."""
    amqp_url = platform.secret("amqp_url")
    return Counter(letter for name in SERVICES for letter in dead_letters.find(amqp_url, name))


def cases_by_finding(county: Village) -> dict[str, list[str]]:
    cases: dict[str, list[str]] = {}
    for case in every(county, county.admin, "cases", "cases"):
        cases.setdefault(case["origin_id"], []).append(case["case_id"])
    return cases


def notices_by_case(county: Village) -> Counter[str]:
    """How often the township's person was told of each case."""
    notices = every(county, county.people["direct"], "inbox", "notices")
    return Counter(notice["about_id"] for notice in notices)


def every(county: Village, reader: Any, name: str, member: str) -> Iterator[Any]:
    """All entries of a list, page by page."""
    token = ""
    while True:
        page = f"?page_size=100{token and '&page_token='}{token}"
        answer = reader.get(f"{county.base}/{name}{page}").json
        yield from answer[member]
        token = answer["next_page_token"]
        if not token:
            return


def health(platform: Platform) -> tuple[int, str]:
    answer = platform.http.get("/health")
    return answer.status_code, answer.json()["status"]


def pending(platform: Platform, service: str) -> int:
    """Events that a service has committed and not yet published."""
    admin = make_url(platform.state.read("postgres")["url"])
    with roles.admin_connection(admin, f"wangge_{service}") as connection:
        query = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def under_way(platform: Platform) -> dict[str, int]:
    """What waits in outboxes and queues, by where; empty once everything has arrived."""
    waiting = {f"{service}.outbox": pending(platform, service) for service in SERVICES}
    with kombu.Connection(platform.secret("amqp_url")) as connection:
        for service in SERVICES:
            for subscription in prepare.contract_of(service).consumes:
                name = subscription.queue(service)
                declared = connection.default_channel.queue_declare(name, passive=True)
                waiting[name] = declared.message_count
    return {name: count for name, count in waiting.items() if count}
