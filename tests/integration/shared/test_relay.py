"""What waits in the outbox reaches the broker: all of it, whatever dies or is missing meanwhile."""

import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import amqp
import kombu
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import ProgrammingError

from shared.eventing import topology
from shared.eventing.relay import (
    Publisher,
    measure_backlog,
    publish_pending,
)
from shared.metrics import OUTBOX_OLDEST_PENDING_SECONDS, OUTBOX_PENDING
from tests.integration.shared.outboxes import TABLES
from tests.support.waiting import LIMIT_SECONDS, until

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def publisher_of(pair):
    with kombu.Connection(pair.amqp_url) as broker:
        broker.connect()
        yield Publisher(broker, topology.exchange(pair.source))


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
    written = outbox.fill(pair.subscription.key, 500)

    def publish_all(_):
        with publisher_of(pair) as publisher:
            while outbox.pending():
                publish_pending(outbox.worker, publisher, limit=20)

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
        until(lambda: publish_pending(outbox.worker, publisher).published == 100)
    assert Counter(ids(pair.taken(pair.queue))) == Counter(written * copies)


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
    assert 90 <= OUTBOX_OLDEST_PENDING_SECONDS._value.get() < 90 + LIMIT_SECONDS


def test_the_workers_role_can_make_no_event(outbox, pair):
    row = {"county_id": "c", "event_id": uuid4(), "key": pair.subscription.key, "body": b"{}"}

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        outbox.worker.begin() as connection,
    ):
        connection.execute(insert(TABLES.outbox), [row])
