"""Vacancies found by events and timers of the real events process."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.personnel.handlers import GAUGE, PersonnelEvents
from services.personnel.people.domain.people import Person
from services.personnel.people.store.people import PeopleStore
from services.personnel.posts.timers import VACANT_POSTS
from services.personnel.posts.usecases.appointing import Appointment, assign_post
from services.personnel.schemas import CONSUMES, EVENTS
from services.personnel.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.eventing import topology
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.publishing import publish
from tests.integration.service_fixtures import Databases, context_of, grid_row
from tests.support.events import handling
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

FROM = "2020-01-01T00:00:00+00:00"
DOCUMENT = {
    **SCHEME,
    "departments": [],
    "role_types": [role("village.direct", "grid", "village", "patrol", min=1)],
}


@pytest.fixture
def running(databases: Databases, amqp_url: str) -> Iterator[Callable[[], None]]:
    """The events process, twice within this one: what is due must be found once all the same."""
    contracts = [
        topology.Contract("grid", {}, ()),
        topology.Contract("personnel", EVENTS, CONSUMES),
    ]
    with handling(PersonnelEvents, contracts, databases, amqp_url, processes=2):
        yield


@pytest.mark.usefixtures("running")
def test_a_vacancy_is_found_when_scheme_and_grids_come_and_when_a_post_s_time_is_over(
    databases: Databases, amqp_url: str, county_id: str
) -> None:
    engine = databases.admin_engine("personnel")

    def told(key: str) -> int:
        query = text("SELECT count(*) FROM outbox WHERE county_id = :c AND key = :k")
        with engine.connect() as connection:
            return connection.execute(query, {"c": county_id, "k": key}).scalar_one()

    def tell(key: str, data: dict[str, Any]) -> None:
        publish(amqp_url, county_id, "grid", key, data)

    grids = [grid_row(f"1.{n}.", grid_id=str(uuid4()), valid_from=FROM) for n in (2, 3)]
    tell("grid.changed.v1", {"grids": grids[:1]})
    tell("scheme.published.v1", {"version": 1, "effective_on": "2020-01-01", "document": DOCUMENT})
    until(lambda: told("post.vacated.v1") == 1)
    tell("grid.changed.v1", {"grids": grids[1:]})
    until(lambda: told("post.vacated.v1") == 2)

    person, now = uuid4(), datetime.now(UTC)
    asked = Appointment(
        post_id=uuid4(),
        person_id=person,
        role_type="village.direct",
        grid_id=UUID(grids[0]["grid_id"]),
        department_id=None,
        valid_from=None,
        valid_to=now + timedelta(seconds=2),
    )
    unit_of_work = UnitOfWork(databases.engine("personnel"), make_transaction)
    with unit_of_work(context_of(county_id, staff=["g:"], read=["g:"])) as tx:
        tx.store(PeopleStore).add(Person(person, "测试员甲", None, now, 1))
        assign_post(tx, asked, lambda: now)
    until(lambda: told("post.filled.v1") == 1)
    until(lambda: told("post.vacated.v1") == 3)

    waiting = text("SELECT count(*) FROM staffing_due WHERE county_id = :c")

    def left() -> int:
        with engine.connect() as connection:
            return connection.execute(waiting, {"c": county_id}).scalar_one()

    until(lambda: left() == 0)
    assert (told("post.vacated.v1"), told("post.filled.v1")) == (3, 1)
    since = text(
        "SELECT since FROM vacancies WHERE county_id = :c AND until IS NULL AND grid_id = :g"
    )
    with engine.connect() as connection:
        found = connection.execute(since, {"c": county_id, "g": asked.grid_id}).scalar_one()
    assert found == asked.valid_to
    GAUGE.measure(databases.worker_engine("personnel"))
    assert VACANT_POSTS.labels(county_id)._value.get() == 2
