"""What waits in the outbox reaches the broker: all of it, whatever dies or is missing meanwhile."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import amqp
import kombu
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import ProgrammingError

from deploy.local import rabbitmq
from deploy.local.state import State
from shared.eventing import topology
from shared.eventing.relay import (
    BATCH,
    CLEANUP_BATCH,
    Publisher,
    RelayLoop,
    clean,
    measure_backlog,
    publish_pending,
)
from shared.metrics import OUTBOX_OLDEST_PENDING_SECONDS, OUTBOX_PENDING
from tests.integration.eventing.running import eventually
from tests.integration.shared.broker import Pair
from tests.integration.shared.outboxes import TABLES

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def publisher_of(pair):
    with kombu.Connection(pair.amqp_url) as broker:
        broker.connect()
        yield Publisher(broker, topology.exchange(pair.source))


@contextmanager
def relay_of(outbox, pair):
    """The endless relay, in a thread."""
    loop = RelayLoop(outbox.worker, pair.amqp_url, pair.source, timedelta(days=30))
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield loop
    finally:
        loop.stop()
        thread.join(20)
        assert not thread.is_alive()


def ids(messages):
    return [UUID(message.properties["message_id"]) for message in messages]


def test_all_counties_events_go_out_oldest_first_persistent_and_as_they_were_written(outbox, pair):
    written = outbox.fill(pair.subscription.key, 20, bodies=b'{"specversion":"1.0"}')

    with publisher_of(pair) as publisher:
        batch = publish_pending(outbox.worker, publisher, limit=12)
        rest = publish_pending(outbox.worker, publisher, limit=12)

    messages = pair.taken(pair.queue)
    assert (batch.found, batch.published, rest.published) == (12, 12, 8)
    assert ids(messages) == written
    assert {bytes(message.body) for message in messages} == {b'{"specversion":"1.0"}'}
    assert {message.properties["delivery_mode"] for message in messages} == {2}
    assert {message.properties["type"] for message in messages} == {pair.subscription.key}
    assert outbox.pending() == []


def test_two_relays_share_the_work_and_publish_nothing_twice(outbox, pair):
    written = outbox.fill(pair.subscription.key, 2_000)

    def publish_all(_):
        with publisher_of(pair) as publisher:
            while outbox.pending():
                publish_pending(outbox.worker, publisher, limit=50)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(publish_all, range(2)))

    assert Counter(ids(pair.taken(pair.queue))) == Counter(written)


@pytest.mark.parametrize(("moment", "copies"), [("before", 1), ("after", 2)])
def test_a_relay_killed_before_it_commits_loses_nothing(outbox, pair, moment, copies):
    written = outbox.fill(pair.subscription.key, 100)
    command = [sys.executable, "-m", "tests.integration.shared.dying_relay"]

    died = subprocess.run(
        [*command, outbox.worker_url, pair.amqp_url, pair.source, moment],
        cwd=ROOT,
        check=False,
    )

    assert died.returncode == -signal.SIGKILL
    assert outbox.pending() == written
    with publisher_of(pair) as publisher:
        eventually(lambda: publish_pending(outbox.worker, publisher).published == 100)
    assert Counter(ids(pair.taken(pair.queue))) == Counter(written * copies)


def test_events_that_no_queue_takes_wait_and_stop_no_others(outbox, pair):
    lost = outbox.fill("note.lost.v1", BATCH + 100)
    found = outbox.fill(pair.subscription.key, 10)

    with relay_of(outbox, pair):
        eventually(lambda: outbox.pending() == lost)
        with pair.channel() as channel:
            channel.queue_bind(pair.queue, f"{pair.source}.events", "note.lost.v1")
        eventually(lambda: outbox.pending() == [])

    assert set(ids(pair.taken(pair.queue))) == {*lost, *found}


def test_what_a_full_queue_refuses_waits(outbox, pair):
    written = outbox.fill("note.many.v1", 3)
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    with pair.channel() as channel, publisher_of(pair) as publisher:
        name = f"{pair.source}.full"
        channel.queue_declare(name, exclusive=True, arguments=full)
        channel.queue_bind(name, f"{pair.source}.events", "note.many.v1")

        batch = publish_pending(outbox.worker, publisher)

        assert batch.refused == {"note.many.v1"}
        assert batch.published >= 1
        assert outbox.pending() == written[batch.published :]


def test_the_broker_closing_the_connection_mid_way_leaves_all_for_the_next_try(outbox, pair):
    written = outbox.fill(pair.subscription.key, 5)
    with publisher_of(pair) as publisher:
        publisher._channel.connection.transport.sock.shutdown(2)

        with pytest.raises((OSError, amqp.ConnectionError)):
            publish_pending(outbox.worker, publisher)

    assert outbox.pending() == written


def test_the_backlog_shows_how_many_wait_and_for_how_long(outbox, pair):
    outbox.fill(pair.subscription.key, 3)
    with outbox.admin.begin() as connection:
        connection.execute(text("UPDATE outbox SET created_at = now() - interval '90 s'"))

    with outbox.worker.connect() as connection:
        measure_backlog(connection)

    assert OUTBOX_PENDING._value.get() == 3
    assert 90 <= OUTBOX_OLDEST_PENDING_SECONDS._value.get() < 100


def test_only_what_is_older_than_the_retention_is_deleted(outbox, pair):
    outbox.fill(pair.subscription.key, CLEANUP_BATCH + 10)
    with outbox.admin.begin() as connection:
        connection.execute(text("UPDATE outbox SET published_at = now() - interval '31 d'"))
        for days in (29, 31):
            seen = {"county_id": "c", "consumer": f"x.{days}", "event_id": uuid4()}
            connection.execute(insert(TABLES.inbox), [seen])
            connection.execute(
                text(f"UPDATE inbox SET seen_at = now() - interval '{days} d' WHERE consumer = :c"),
                {"c": f"x.{days}"},
            )
    waiting = outbox.fill(pair.subscription.key, 2)
    with outbox.admin.begin() as connection:
        connection.execute(
            text(
                "UPDATE outbox SET created_at = now() - interval '99 d' WHERE published_at IS NULL"
            )
        )

    assert clean(outbox.worker, timedelta(days=30))
    assert outbox.count("outbox") == 12
    assert not clean(outbox.worker, timedelta(days=30))

    assert outbox.pending() == waiting
    assert outbox.count("outbox") == 2
    assert outbox.count("inbox") == 1


def test_the_workers_role_can_make_no_event(outbox, pair):
    row = {"county_id": "c", "event_id": uuid4(), "key": pair.subscription.key, "body": b"{}"}

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        outbox.worker.begin() as connection,
    ):
        connection.execute(insert(TABLES.outbox), [row])


def test_a_broker_that_restarts_under_load_loses_nothing(outbox, tmp_path):
    if (binaries := rabbitmq.binaries()) is None:
        pytest.skip("needs the binaries of RabbitMQ, to stop and start its own")
    state = State(tmp_path)
    state.create()
    try:
        pair = Pair(rabbitmq.start(state, binaries))
        with relay_of(outbox, pair):
            written = outbox.fill(pair.subscription.key, 3_000)
            rabbitmq.stop(state)
            written += outbox.fill(pair.subscription.key, 3_000)
            assert outbox.pending()
            rabbitmq.start(state, binaries)
            eventually(lambda: outbox.pending() == [], 60)
        arrived = ids(pair.taken(pair.queue))
        assert set(arrived) == set(written)
    finally:
        rabbitmq.stop(state)
