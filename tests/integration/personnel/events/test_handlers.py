"""Events through a real broker into the real handlers, and out again by the relay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.personnel.accounts.passwords import Argon2Hasher, Argon2Parameters
from services.personnel.handlers import PersonnelEvents
from services.personnel.people.usecases.people import NewPerson, create_person
from services.personnel.people.vault import AesVault, KeyRing
from services.personnel.posts.usecases.appointing import Appointment, assign_post
from services.personnel.schemas import CONSUMES, EVENTS
from services.personnel.store import transactions_with
from shared.db.transaction import UnitOfWork
from shared.eventing import topology
from shared.structure.store import Structure
from tests.integration.personnel.scheme import SCHEME
from tests.integration.publishing import publish
from tests.integration.service_fixtures import Databases, context_of, grid_row
from tests.support.events import handling
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

VAULT = AesVault(KeyRing("test-1", {"test-1": b"k" * 32}, b"i" * 32))
FROM = "2020-01-01T00:00:00+00:00"


@pytest.fixture
def running(databases: Databases, amqp_url: str) -> Iterator[str]:
    """The service's events process, within this one; gives the broker's URL."""
    contracts = [
        topology.Contract("grid", {}, ()),
        topology.Contract("personnel", EVENTS, CONSUMES),
    ]
    with handling(PersonnelEvents, contracts, databases, amqp_url):
        yield amqp_url


def test_what_grid_tells_lets_people_be_appointed_and_that_is_told_on(
    running: str, databases: Databases, county_id: str
) -> None:
    grid = grid_row("3.41.", grid_id=str(uuid4()), valid_from=FROM)
    county = {"name": "测试县", "admin_code": "430223", "time_zone": "Asia/Shanghai"}
    publish(running, county_id, "grid", "county.created.v1", {"county_id": county_id, **county})
    scheme = {"version": 1, "effective_on": "2020-01-01", "document": SCHEME}
    publish(running, county_id, "grid", "scheme.published.v1", scheme)
    publish(running, county_id, "grid", "grid.changed.v1", {"grids": [grid]})
    engine = databases.admin_engine("personnel")

    def count(table: str, condition: str = "true") -> int:
        query = text(f"SELECT count(*) FROM {table} WHERE county_id = :county AND {condition}")
        with engine.connect() as connection:
            return connection.execute(query, {"county": county_id}).scalar_one()

    for table in ("structure_counties", "structure_schemes", "structure_grids"):
        until(lambda table=table: count(table) == 1)
    moved = {**grid, "path": "7.41.", "version": 2}
    publish(running, county_id, "grid", "grid.changed.v1", {"grids": [moved]})
    until(lambda: count("structure_grids", "path = '7.41.'") == 1)
    publish(running, county_id, "grid", "grid.changed.v1", {"grids": [grid]})
    until(lambda: count("inbox") == 5)
    assert count("structure_grids", "path = '7.41.'") == 1

    context = context_of(county_id, staff=["g:"], read=["g:"])
    unit_of_work = UnitOfWork(databases.engine("personnel"), transactions_with(VAULT))
    person = NewPerson(uuid4(), uuid4(), "测试员甲", phone="13812345678")
    with unit_of_work(context) as tx:
        now = datetime.now(UTC)
        grid_id = tx.store(Structure).upward("7.41.")[0].grid_id
        create_person(tx, Argon2Hasher(Argon2Parameters(64, 1, 1)), person, now)
        asked = Appointment(
            uuid4(), person.person_id, "village.patroller", grid_id, None, None, None
        )
        assert assign_post(tx, asked, lambda: now).place.grid_path == "7.41."

    until(lambda: count("outbox", "published_at IS NOT NULL") == 2)
