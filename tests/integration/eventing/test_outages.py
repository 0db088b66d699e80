"""Processes die, servers go away and come back: nothing is lost, and nothing is done twice."""

import signal
import threading

import pytest
from sqlalchemy import text

from tests.integration.eventing.probe.schemas import ThingLost
from tests.integration.eventing.running import free_port
from tests.integration.eventing.test_failures import body_with
from tests.support.waiting import until


def test_a_process_killed_in_a_handler_loses_nothing_and_does_nothing_twice(world):
    world.behave("kite", "hang")
    process = world.start()
    event_ids = world.emit(*["kite"] * 5, *["rope"] * 20)
    until(lambda: len(world.done()) == 20)

    process.kill()
    world.behave("kite", "")
    world.start()

    until(lambda: sorted(world.done()) == sorted(event_ids))


def test_a_handler_that_kills_its_process_leaves_no_trace_of_its_work(world):
    world.behave("kite", "die")
    process = world.start()
    (event_id,) = world.emit("kite")
    assert process.wait() == -signal.SIGKILL
    assert world.done() == []

    world.behave("kite", "")
    world.start()

    until(lambda: world.done() == [event_id])


def test_sigterm_lets_the_running_handler_finish_and_settle(world):
    world.behave("kite", "query 2")
    process = world.start()
    (event_id,) = world.emit("kite")
    until(lambda: _handlers_in_the_database(world))

    process.signal(signal.SIGTERM)

    assert process.wait() == 0
    assert process.said("stopped")
    assert world.done() == [event_id]
    second = world.start()
    (later,) = world.emit("rope")
    until(lambda: later in world.done())
    assert second.handled("duplicate") == 0


def test_sigterm_ends_the_process_while_the_broker_is_away(own_world, own_servers):
    process = own_world.start()
    own_servers.stop_rabbitmq()
    until(lambda: process.said("the broker is away"))

    process.signal(signal.SIGTERM)

    assert process.wait() == 0


def test_slow_queries_of_three_handlers_run_at_once(world):
    world.behave("kite", "query 4")
    process = world.start()

    world.emit("kite", "kite", "kite")

    until(lambda: _handlers_in_the_database(world) == 3)
    until(lambda: len(process.said("done")) == 3)


def test_a_relay_killed_before_it_could_publish_loses_nothing(own_world, own_servers):
    process = own_world.start()
    own_servers.stop_rabbitmq()
    event_ids = own_world.emit("kite", "kite")
    process.kill()
    assert sorted(own_world.pending()) == sorted(event_ids)

    own_servers.start_rabbitmq()
    own_world.start()

    until(lambda: sorted(own_world.done()) == sorted(event_ids))


def test_a_relay_killed_between_publishing_and_marking_publishes_twice_and_it_is_done_once(world):
    process = world.start()
    with world.database.admin.begin() as connection:
        # The mark waits for this lock, the read before it does not: the relay has published then.
        connection.execute(
            text(
                "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN PERFORM pg_sleep(20); RETURN NEW; END'"
            )
        )
        connection.execute(
            text("CREATE TRIGGER slow BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION wait()")
        )
    try:
        (event_id,) = world.emit("kite")
        until(lambda: world.done() == [event_id])
        assert world.pending() == [event_id]
        process.kill()
    finally:
        with world.database.admin.begin() as connection:
            _end_queries(connection)
            connection.execute(text("DROP TRIGGER slow ON outbox"))
            connection.execute(text("DROP FUNCTION wait()"))

    second = world.start()

    until(lambda: world.pending() == [])
    until(lambda: second.handled("duplicate") == 1)
    assert world.done() == [event_id]


def test_an_event_that_no_queue_takes_waits_is_seen_and_blocks_no_other(world):
    process = world.start()
    lost = world.emit(*["kite"] * 1200, kind=ThingLost)

    event_ids = world.emit("kite", "kite")

    until(lambda: sorted(world.done()) == sorted(event_ids))
    assert sorted(world.pending()) == sorted(lost)
    assert process.said("no queue takes thing.lost.v1")
    until(lambda: process.metric("wangge_outbox_pending") == 1200)
    assert process.metric("wangge_outbox_oldest_pending_seconds") > 0


def test_an_event_that_the_broker_refuses_waits_until_it_takes_it(world):
    with world.channel() as channel:
        channel.exchange_declare(f"{world.name}.events", "topic", durable=True, auto_delete=False)
        full = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare(f"{world.name}.full", auto_delete=False, arguments=full)
        channel.queue_bind(f"{world.name}.full", f"{world.name}.events", "thing.lost.v1")
    process = world.start()
    world.emit("kite", kind=ThingLost)
    until(lambda: world.pending() == [])

    refused = world.emit("kite", kind=ThingLost)
    (taken,) = world.emit("kite")

    until(lambda: process.said("the broker refuses thing.lost.v1"))
    until(lambda: world.done() == [taken])
    assert world.pending() == refused
    with world.channel() as channel:
        channel.queue_purge(f"{world.name}.full")
    until(lambda: world.pending() == [])
    with world.channel() as channel:
        channel.queue_delete(f"{world.name}.full")


def test_events_wait_without_end_for_a_database_that_is_away(own_world, own_servers):
    process = own_world.start(EVENT_RETRY_SECONDS="0.2,0.4")
    own_servers.stop_postgres()

    own_world.publish(body_with(own_world))

    until(lambda: process.handled("retried") >= 8)
    _, report = until(lambda: _answer(process, 503))
    assert report["status"] == "down"
    own_servers.start_postgres()
    until(lambda: len(own_world.done()) == 1)
    assert own_world.waiting("dlq") == 0
    until(lambda: _answer(process, 200))
    (event_id,) = own_world.emit("kite")
    until(lambda: event_id in own_world.done())


def test_without_its_broker_a_process_is_degraded_and_recovers_by_itself(own_world, own_servers):
    process = own_world.start()
    own_servers.stop_rabbitmq()

    event_ids = own_world.emit("kite", "kite")

    _, report = until(lambda: _answer(process, 200, "degraded"))
    assert report["checks"]["database"] == "ok"
    assert report["checks"]["broker"] != "ok"
    until(lambda: process.metric("wangge_outbox_pending") == 2)
    own_servers.start_rabbitmq()
    until(lambda: sorted(own_world.done()) == sorted(event_ids))
    until(lambda: _answer(process, 200, "ok"))


def test_a_broker_that_restarts_under_load_loses_none_of_500_events(own_world, own_servers):
    process = own_world.start()
    emitted, restarted = [], threading.Event()

    def emit():
        for _ in range(100):
            emitted.extend(own_world.emit(*["kite"] * 4, *["rope"]))
            restarted.wait(0.1)  # a steady load for as long as the broker takes

    load = threading.Thread(target=emit)
    load.start()
    until(lambda: len(own_world.done()) > 50)
    own_servers.stop_rabbitmq()
    own_servers.start_rabbitmq()
    restarted.set()
    load.join()

    until(lambda: len(own_world.done()) >= 500)
    until(lambda: own_world.pending() == [])
    assert len(emitted) == 500
    assert sorted(own_world.done()) == sorted(emitted)
    assert own_world.waiting("dlq") == 0
    assert process.child.poll() is None


@pytest.mark.parametrize(
    ("variable", "address", "server"),
    [
        ("DATABASE_URL", "postgresql+psycopg://u:p@127.0.0.1:{port}/x", "PostgreSQL"),
        ("WORKER_DATABASE_URL", "postgresql+psycopg://u:p@127.0.0.1:{port}/x", "PostgreSQL"),
        ("AMQP_URL", "amqp://u:p@127.0.0.1:{port}/x", "RabbitMQ"),
    ],
)
def test_without_a_server_the_process_ends_and_names_the_variable(world, variable, address, server):
    process = world.launch(**{variable: address.format(port=free_port())})

    assert process.wait() == 1
    message = process.output().strip().splitlines()[-1]
    assert f"cannot start: {server} cannot be reached" in message
    assert f"set {variable} to where it runs" in message
    assert "Traceback" not in process.output()


def test_all_missing_settings_stand_in_one_message(world):
    names = ("DATABASE_URL", "WORKER_DATABASE_URL", "AMQP_URL")

    process = world.launch(**dict.fromkeys(names), METRICS_PORT="many")

    assert process.wait() == 1
    assert process.output().count("cannot start") == 1
    for name in (*names, "METRICS_PORT='many' is not a whole number"):
        assert name in process.output()


@pytest.mark.parametrize("delays", ["0,1", "-1", ","])
def test_delays_between_tries_are_above_zero(world, delays):
    process = world.launch(EVENT_RETRY_SECONDS=delays)

    assert process.wait() == 1
    assert "EVENT_RETRY_SECONDS must hold numbers above 0" in process.output()


def _answer(process, status, word=None):
    found = process.readiness()
    fits = found[0] == status and word in (None, found[1]["status"])
    return found if fits else None


def _handlers_in_the_database(world):
    with world.database.admin.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
            )
        ).scalar_one()


def _end_queries(connection):
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'wangge_probe_worker'"
        )
    )
