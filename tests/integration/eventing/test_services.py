"""The events processes of real services start, publish what waits, and handle what comes."""

from datetime import UTC, datetime
from uuid import uuid4

import kombu
import pytest
from sqlalchemy import text

from deploy.prepare import contract_of
from services.patrols.store import make_transaction
from shared.contracts.patrols import PatrolSubmitted
from shared.db.transaction import SET_COUNTY, UnitOfWork
from shared.eventing import topology
from shared.eventing.envelope import Envelope
from shared.ids import new_id
from tests.integration.service_fixtures import context_of
from tests.support.waiting import until


@pytest.fixture(scope="module", autouse=True)
def _declared(amqp_url):
    contracts = [topology.Contract("grid", {}, ()), contract_of("patrols")]
    topology.declare(amqp_url, contracts, (1.0,))


@pytest.fixture
def patrols(databases, amqp_url, start):
    return start(
        "services.patrols.serve_events",
        {
            "DATABASE_URL": databases.url("patrols"),
            "WORKER_DATABASE_URL": databases.url("patrols", "worker_database_url"),
            "AMQP_URL": amqp_url,
            "EVENT_RETRY_SECONDS": "1",
        },
    ).wait_ready()


@pytest.mark.usefixtures("patrols")
def test_an_outbox_row_is_published_with_its_key_and_its_id(databases, amqp_url, county_id):
    now = datetime.now(UTC)
    event = PatrolSubmitted(
        patrol_id=uuid4(),
        grid_id=uuid4(),
        grid_path="1.",
        patroller_id=uuid4(),
        started_at=now,
        ended_at=now,
        finding_count=0,
    )
    with kombu.Connection(amqp_url) as connection, connection.channel() as channel:
        exchange = topology.exchange("patrols")
        queue = kombu.Queue(f"watch-{uuid4()}", exchange, "patrol.submitted.v1", exclusive=True)
        queue(channel).declare()

        with UnitOfWork(databases.engine("patrols"), make_transaction)(context_of(county_id)) as tx:
            event_id = tx.outbox.add(event, subject=event.patrol_id, sequence=1)

        message = until(lambda: queue(channel).get(no_ack=True))
    assert Envelope.from_json(bytes(message.body)).id == event_id
    assert message.properties["message_id"] == str(event_id)
    assert message.properties["delivery_mode"] == 2
    until(lambda: _published_at(databases, event_id))


def test_a_service_that_inherits_its_handlers_keeps_the_countys_structure(
    databases, amqp_url, patrols, county_id
):
    event = Envelope(
        id=new_id(),
        source="grid",
        key="county.created.v1",
        subject=county_id,
        time=datetime.now(UTC),
        county_id=county_id,
        correlation_id="test",
        causation_id=None,
        traceparent=None,
        sequence=1,
        data={
            "county_id": county_id,
            "name": "测试县",
            "admin_code": "430223",
            "time_zone": "Asia/Shanghai",
        },
    )
    with kombu.Connection(amqp_url) as connection, connection.Producer() as producer:
        producer.publish(
            event.to_json(),
            exchange="grid.events",
            routing_key=event.key,
            content_type="application/cloudevents+json",
            content_encoding="binary",
        )

    until(lambda: _counties(databases, county_id) == 1)
    assert patrols.handled("done") >= 1


def _published_at(databases, event_id):
    with databases.admin_engine("patrols").connect() as connection:
        return connection.execute(
            text("SELECT published_at FROM outbox WHERE event_id = :id"), {"id": event_id}
        ).scalar_one()


def _counties(databases, county_id):
    with databases.engine("patrols").begin() as connection:
        connection.execute(SET_COUNTY, {"county": county_id})
        return connection.execute(text("SELECT count(*) FROM structure_counties")).scalar_one()
