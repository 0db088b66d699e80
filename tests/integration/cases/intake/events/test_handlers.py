"""Events through a real broker into the real handlers, and out again by the relay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import kombu
import pytest

from services.cases.handlers import CaseEvents
from services.cases.schemas import CONSUMES, EVENTS
from shared.eventing import topology
from shared.eventing.envelope import Envelope
from tests.integration.cases.county import DOCUMENT, TOWNSHIP, VILLAGE
from tests.integration.service_fixtures import Databases, grid_row
from tests.support.events import Broker, handling, put_off
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

PRODUCERS = ("grid", "patrols", "notifications")
MORNING = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


class CasesBroker(Broker):
    service = "cases"
    document = DOCUMENT

    def structure(self) -> None:
        self.county()
        self.grids("3.", "3.41.", version=1)

    def grids(self, township: str, village: str, *, version: int) -> None:
        common = {"version": version, "valid_from": "2020-01-01T00:00:00+00:00"}
        rows = [
            grid_row(township, grid_id=str(TOWNSHIP), level_id="township", **common),
            grid_row(village, grid_id=str(VILLAGE), parent_id=str(TOWNSHIP), **common),
        ]
        self.publish("grid", "grid.changed.v1", {"grids": rows})

    def finding(self, finding_id: UUID, event_id: UUID | None = None, **more: Any) -> UUID:
        data = {
            "finding_id": str(finding_id),
            "patrol_id": str(uuid4()),
            "grid_id": str(VILLAGE),
            "category": "straw_burning",
            "description": "地里在烧秸秆",
            "address": "村东头",
            "found_at": MORNING.isoformat(),
            "longitude": None,
            "latitude": None,
            "reporter_id": str(uuid4()),
            **more,
        }
        return self.publish("patrols", "finding.reported.v1", data, event_id)

    def notice(self, about_type: str, about_id: str) -> UUID:
        data = {
            "notice_id": str(uuid4()),
            "person_id": str(uuid4()),
            "about_type": about_type,
            "about_id": about_id,
            "confirmed_at": MORNING.isoformat(),
        }
        return self.publish("notifications", "notice.confirmed.v1", data)

    def cases(self) -> list[Any]:
        return self.rows("SELECT * FROM cases WHERE county_id = :c ORDER BY number")

    def actions(self, case_id: UUID) -> list[str]:
        statement = "SELECT action FROM case_history WHERE case_id = :id ORDER BY sequence"
        return [row.action for row in self.rows(statement, id=case_id)]


@pytest.fixture
def broker(databases: Databases, amqp_url: str, county_id: str) -> Iterator[CasesBroker]:
    """The service's events process, within this one."""
    contracts = [
        topology.Contract("cases", EVENTS, CONSUMES),
        *(topology.Contract(service, {}, ()) for service in PRODUCERS),
    ]
    with handling(CaseEvents, contracts, databases, amqp_url):
        yield CasesBroker(amqp_url, databases, county_id)


def test_a_finding_told_of_twice_opens_one_case_which_is_told_of_once(broker: CasesBroker) -> None:
    broker.structure()
    until(lambda: len(broker.rows("SELECT 1 FROM structure_grids WHERE county_id = :c")) == 2)
    finding = uuid4()

    first = broker.finding(finding)
    broker.finding(finding, event_id=first)  # the same event, delivered again
    again = broker.finding(finding)  # the same finding, told of anew
    about = uuid4()
    last = broker.finding(uuid4(), source_id=str(about))

    until(lambda: broker.seen(again) and broker.seen(last))
    cases = broker.cases()
    assert [case.number[-4:] for case in cases] == ["0001", "0002"]
    assert cases[0].source_id == str(finding)
    assert cases[0].responsible_grid_id == TOWNSHIP
    assert [case.pollution_source_id for case in cases] == [None, about]
    published = "SELECT key FROM outbox WHERE county_id = :c AND published_at IS NOT NULL"
    until(lambda: len(broker.rows(published)) == 2)


def test_a_finding_that_comes_before_its_grid_waits_for_it(broker: CasesBroker) -> None:
    with put_off("finding.reported.v1"):
        event = broker.finding(uuid4())
    assert not broker.seen(event)

    broker.structure()

    until(broker.cases)
    assert broker.seen(event)


def test_a_confirmed_notice_is_noted_once_and_only_about_cases(broker: CasesBroker) -> None:
    broker.structure()
    broker.finding(uuid4())
    case_id = until(broker.cases)[0].case_id

    broker.notice("case", str(case_id))
    other = broker.notice("publication", str(case_id))

    until(lambda: broker.seen(other) and len(broker.actions(case_id)) > 1)
    assert broker.actions(case_id) == ["opened", "notice_confirmed"]


def test_a_notice_about_no_case_at_all_becomes_a_dead_letter(broker: CasesBroker) -> None:
    queue = topology.dead_letter_queue("cases")
    with kombu.Connection(broker.url) as connection:
        letters = queue(connection.default_channel)
        letters.purge()

        broker.notice("case", "no id")

        letter = until(lambda: letters.get(no_ack=True))
    assert Envelope.from_json(letter.body).county_id == broker.county_id


def test_cases_move_when_their_grids_do(broker: CasesBroker) -> None:
    broker.structure()
    broker.finding(uuid4())
    until(broker.cases)

    broker.grids("8.", "8.41.", version=2)

    until(lambda: broker.cases()[0].grid_path == "8.41.")
    assert broker.cases()[0].responsible_grid_path == "8."


def test_open_cases_go_to_the_heir_though_the_change_is_told_of_first(broker: CasesBroker) -> None:
    heir = uuid4()
    broker.structure()
    broker.finding(uuid4())
    until(broker.cases)
    change = {
        "change_id": str(uuid4()),
        "kind": "retired",
        "effective_at": MORNING.isoformat(),
        "document": None,
        "predecessors": [str(VILLAGE)],
        "successors": [],
        "heirs": [{"from": str(VILLAGE), "to": str(heir)}],
        "carry_posts": False,
    }

    with put_off("grid.restructured.v1"):
        told = broker.publish("grid", "grid.restructured.v1", change)
    assert not broker.seen(told)
    common = {"parent_id": str(TOWNSHIP), "valid_from": "2020-01-01T00:00:00+00:00"}
    ended = {"version": 2, "since": MORNING.isoformat(), "valid_to": MORNING.isoformat()}
    rows = [
        grid_row("3.77.", grid_id=str(heir), **common),
        grid_row("3.41.", grid_id=str(VILLAGE), **common, **ended),
    ]
    broker.publish("grid", "grid.changed.v1", {"grids": rows})

    until(lambda: broker.cases()[0].grid_id == heir)
    case = broker.cases()[0]
    assert (case.grid_path, case.responsible_grid_id) == ("3.77.", TOWNSHIP)
    assert broker.actions(case.case_id) == ["opened", "moved"]
