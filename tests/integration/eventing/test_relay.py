"""The relay's housekeeping, and that two relays of one service share the work."""

from datetime import timedelta

import kombu
from sqlalchemy import text

from shared.eventing import topology
from shared.eventing.relay import CLEANUP_BATCH, Publisher, clean, publish_pending
from tests.support.waiting import until


def test_what_is_older_than_the_retention_time_goes_and_what_waits_stays(world):
    kept = world.emit("kite", "kite")
    with world.database.admin.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox (county_id, event_id, key, body, created_at, published_at) "
                "SELECT 'old', gen_random_uuid(), 'thing.made.v1', '', now() - interval '40 days', "
                "now() - CASE WHEN n <= 6000 THEN interval '31 days' ELSE interval '29 days' END "
                "FROM generate_series(1, 6010) n"
            )
        )
        for table, column in (("inbox", "consumer"), ("idempotency_keys", "method")):
            assert connection.execute(text(f"SELECT count({column}) FROM {table}")).scalar() == 0
        connection.execute(
            text(
                "INSERT INTO inbox (county_id, consumer, event_id, seen_at) SELECT 'old', 'x', "
                "gen_random_uuid(), now() - n * interval '1 day' FROM generate_series(1, 35) n"
            )
        )
        connection.execute(
            text(
                "INSERT INTO idempotency_keys "
                "(county_id, actor_id, method, key, request_hash, response, created_at) "
                "SELECT 'old', gen_random_uuid(), 'm', 'k', '', '', now() - n * interval '1 day' "
                "FROM generate_series(1, 33) n"
            )
        )

    retention = timedelta(days=30, hours=1)
    rounds = list(iter(lambda: clean(world.database.worker, retention), 0))

    assert rounds == [CLEANUP_BATCH + 5 + 3, 6000 - CLEANUP_BATCH]
    assert sorted(world.pending()) == sorted(kept)
    with world.database.admin.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
    assert left == 10 + 2


def test_a_second_relay_leaves_the_rows_that_the_first_is_at(world):
    world.start().kill()
    event_ids = world.emit(*["kite"] * 10)
    with kombu.Connection(world.amqp_url) as broker:
        broker.connect()
        publisher = Publisher(broker, topology.exchange(world.name))
        with world.database.worker.begin() as connection:
            connection.execute(
                text("SELECT 1 FROM outbox ORDER BY event_id LIMIT 4 FOR UPDATE"),
            )
            first = publish_pending(world.database.worker, publisher)
        second = publish_pending(world.database.worker, publisher)

    assert (first.found, first.published) == (6, 6)
    assert (second.found, second.published) == (4, 4)
    world.start()
    until(lambda: sorted(world.done()) == sorted(event_ids))
