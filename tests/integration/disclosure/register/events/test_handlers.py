"""Events through a real broker into the real handlers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import kombu
import pytest

from services.disclosure.handlers import DisclosureEvents
from services.disclosure.schemas import CONSUMES, EVENTS
from shared.eventing import topology
from shared.eventing.envelope import Envelope
from tests.integration.service_fixtures import Databases, grid_row
from tests.support.events import Broker, handling, put_off
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

CASE_CLOSED = json.loads(
    (Path(__file__).parents[4] / "contract" / "events" / "case.closed.v1.json").read_text()
)
DOCUMENT = {
    "categories": [{"id": "straw_burning", "name": "秸秆焚烧"}],
    "disclosure": {
        "items": [{"id": "case_results", "on": "case.closed.v1", "within": {"days": 2}}]
    },
}


class RegisterBroker(Broker):
    service = "disclosure"
    document = DOCUMENT

    def structure(self) -> None:
        self.county()
        self.grid("3.41.", version=1)

    def grid(self, path: str, *, version: int) -> UUID:
        row = grid_row(
            path,
            grid_id=CASE_CLOSED["grid_id"],
            name="杜口村",
            version=version,
            valid_from="2020-01-01T00:00:00+00:00",
        )
        return self.publish("grid", "grid.changed.v1", {"grids": [row]})

    def close(self, event_id: UUID | None = None, **given: Any) -> UUID:
        return self.publish("cases", "case.closed.v1", {**CASE_CLOSED, **given}, event_id)

    def items(self) -> list[Any]:
        return self.rows("SELECT * FROM register_items WHERE county_id = :c ORDER BY item_id")


@pytest.fixture
def broker(databases: Databases, amqp_url: str, county_id: str) -> Iterator[RegisterBroker]:
    """The service's events process, within this one."""
    contracts = [
        topology.Contract("disclosure", EVENTS, CONSUMES),
        topology.Contract("grid", {}, ()),
        topology.Contract("cases", {}, ()),
    ]
    with handling(DisclosureEvents, contracts, databases, amqp_url):
        yield RegisterBroker(amqp_url, databases, county_id)


def test_a_closed_case_told_of_again_is_registered_once(broker: RegisterBroker) -> None:
    broker.structure()
    until(lambda: broker.rows("SELECT 1 FROM structure_grids WHERE county_id = :c"))

    first = broker.close()
    broker.close(event_id=first)  # the same event, delivered again
    again = broker.close()  # the same case, told of anew
    other = broker.close(case_id=str(uuid4()))

    until(lambda: broker.seen(again) and broker.seen(other))
    items = broker.items()
    assert len(items) == 2
    assert {str(item.about_id) for item in items} > {CASE_CLOSED["case_id"]}
    assert {item.grid_name for item in items} == {"杜口村"}
    assert {item.due_at for item in items} == {datetime(2026, 3, 8, 16, 0, tzinfo=UTC)}


def test_the_result_is_kept_where_the_event_says_what_was_masked_in_it(
    broker: RegisterBroker,
) -> None:
    broker.structure()
    later = {"masked": [{"kind": "plate", "count": 1}], "reader_department_ids": ["ecology"]}
    earlier = {name: value for name, value in CASE_CLOSED.items() if name not in later}

    broker.close(case_id=(told := str(uuid4())), result="已扑灭,车牌***", **later)
    before = broker.publish(
        "cases", "case.closed.v1", {**earlier, "case_id": (untold := str(uuid4()))}
    )

    until(lambda: broker.seen(before) and len(broker.items()) == 2)
    sources = {str(item.about_id): item.source for item in broker.items()}
    assert sources[told] == {
        "number": CASE_CLOSED["number"],
        "result": "已扑灭,车牌***",
        "masked": later["masked"],
        "grid_id": CASE_CLOSED["grid_id"],
        "responsible_grid_id": CASE_CLOSED["responsible_grid_id"],
        "department_ids": ["ecology"],
    }
    assert sources[untold] is None


def test_a_closed_case_that_comes_before_its_grid_waits_for_it(broker: RegisterBroker) -> None:
    with put_off("case.closed.v1"):
        event = broker.close()
    assert not broker.seen(event)

    broker.structure()

    until(broker.items)
    assert broker.seen(event)


def test_items_move_when_their_grids_do(broker: RegisterBroker) -> None:
    broker.structure()
    broker.close()
    until(broker.items)

    broker.grid("8.41.", version=2)

    until(lambda: broker.items()[0].grid_path == "8.41.")
    stale = broker.grid("3.41.", version=1)
    until(lambda: broker.seen(stale))
    assert broker.items()[0].grid_path == "8.41."


def test_a_closed_case_without_its_time_becomes_a_dead_letter(broker: RegisterBroker) -> None:
    broker.structure()
    queue = topology.dead_letter_queue("disclosure")
    with kombu.Connection(broker.url) as connection:
        letters = queue(connection.default_channel)
        letters.purge()

        broker.close(closed_at=None)

        letter = until(lambda: letters.get(no_ack=True))
    assert Envelope.from_json(letter.body).county_id == broker.county_id
    assert not broker.items()
