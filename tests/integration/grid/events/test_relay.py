"""What the service records reaches every consumer's queue, through the real process's parts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import kombu
import pytest
from sqlalchemy import text

from services.grid.counties.usecases import creating as counties
from services.grid.divisions import usecases as importing
from services.grid.handlers import GridEvents
from services.grid.schemas import CONSUMES, EVENTS
from services.grid.store import make_transaction
from shared.contracts.grid import STRUCTURE
from shared.db.transaction import UnitOfWork
from shared.eventing import topology
from shared.eventing.contracts import consumes
from shared.eventing.envelope import Envelope
from shared.ids import new_id
from tests.integration.service_fixtures import Databases, context_of
from tests.support.events import handling
from tests.support.waiting import until

pytestmark = pytest.mark.eventlet

CONSUMER = f"reader{uuid4().hex[:8]}"


@pytest.fixture
def process(databases: Databases, amqp_url: str) -> Iterator[None]:
    contracts = [
        topology.Contract("grid", EVENTS, CONSUMES),
        topology.Contract(CONSUMER, {}, consumes(*STRUCTURE)),
    ]
    with handling(GridEvents, contracts, databases, amqp_url):
        yield


def waiting(amqp_url: str, key: str, county_id: str) -> list[Envelope]:
    """The county's events in the consumer's queue; each is taken out of it."""
    found = []
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        queue = kombu.Queue(f"{CONSUMER}.grid.{key}")(channel)
        while message := queue.get(no_ack=True):
            found.append(Envelope.from_json(bytes(message.body)))
    return [event for event in found if event.county_id == county_id]


@pytest.mark.usefixtures("process")
def test_a_new_county_and_its_grids_are_told_to_every_consumer(
    databases: Databases, amqp_url: str, county_id: str
) -> None:
    unit_of_work = UnitOfWork(databases.engine("grid"), make_transaction)
    context = context_of(county_id, configure=["g:"])
    wanted = counties.NewCounty(county_id, "测试县", "430223", "S06", {}, None)
    now = datetime.now(UTC)

    with unit_of_work(context) as tx:
        counties.create_county(tx, wanted, now)
        importing.import_divisions(
            tx, ["430223"], dry_run=False, valid_from=None, now=now, new_id=new_id
        )

    pending = text("SELECT 1 FROM outbox WHERE county_id = :c AND published_at IS NULL")
    with databases.admin_engine("grid").connect() as connection:
        until(lambda: connection.execute(pending, {"c": county_id}).first() is None)
    (county,) = waiting(amqp_url, "county.created.v1", county_id)
    (scheme,) = waiting(amqp_url, "scheme.published.v1", county_id)
    (grids,) = waiting(amqp_url, "grid.changed.v1", county_id)
    assert county.data["admin_code"] == "430223"
    assert scheme.data["document"]["template"] == "S06"
    assert len(grids.data["grids"]) == 318
