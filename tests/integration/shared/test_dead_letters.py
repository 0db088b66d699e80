"""Dead letters can be read without harm, and sent again without loss."""

from datetime import datetime
from uuid import uuid4

import pytest

from deploy import dead_letters
from shared.eventing import topology
from shared.eventing.outcome import (
    ATTEMPT_HEADER,
    ERROR_HEADER,
    QUEUE_HEADER,
    REASON_HEADER,
    own_headers,
)
from tests.support.waiting import until


def bury(pair, event, *, service=None, queue=None, **headers):
    """Put an event among the dead letters as a handler that failed for good does."""
    story = {
        QUEUE_HEADER: queue or pair.queue,
        REASON_HEADER: "permanent",
        ERROR_HEADER: "PermanentError: the grid is gone",
        ATTEMPT_HEADER: 3,
        **headers,
    }
    exchange = f"{service or pair.consumer}.dlx"
    properties = {"message_id": str(event.id), "type": event.key}
    pair.publish(exchange, queue or pair.queue, event.to_json(), story, **properties)


def give_up(pair):
    """Let the broker give up on the one event of the queue."""
    with pair.channel() as channel:
        for _ in range(topology.DELIVERY_LIMIT + 1):
            message = until(lambda: channel.basic_get(pair.queue, no_ack=False))
            channel.basic_reject(message.delivery_tag, requeue=True)


def left(pair, service=None):
    return dead_letters.find(pair.amqp_url, service or pair.consumer)


def test_what_cannot_be_read_is_listed_and_replayed_as_it_is(pair):
    headers = {QUEUE_HEADER: pair.queue, REASON_HEADER: "permanent"}
    pair.publish(f"{pair.consumer}.dlx", pair.queue, b"\xff no json", headers)

    (letter,) = left(pair)
    until(lambda: left(pair))
    assert until(lambda: dead_letters.replay(pair.amqp_url, pair.consumer)) == 1

    assert (letter.event_id, letter.key, letter.county_id) == ("-", "-", "-")
    assert [bytes(message.body) for message in pair.taken(pair.queue)] == [b"\xff no json"]


def test_a_replayed_event_is_in_its_queue_again_and_starts_afresh(pair):
    event = pair.event()
    bury(pair, event, **{"x-trace": "kept"})

    assert dead_letters.replay(pair.amqp_url, pair.consumer) == 1

    (message,) = pair.taken(pair.queue)
    assert bytes(message.body) == event.to_json()
    assert own_headers(message.headers) == {"x-trace": "kept"}
    assert message.properties["message_id"] == str(event.id)
    assert message.properties["type"] == event.key
    assert message.properties["delivery_mode"] == 2
    assert left(pair) == []


def test_what_the_broker_gave_up_on_can_be_replayed_and_given_up_on_again(pair):
    pair.publish("", pair.queue, pair.event().to_json())

    for _ in range(2):
        give_up(pair)
        (letter,) = until(lambda: left(pair))
        assert (letter.queue, letter.reason) == (pair.queue, "delivery_limit")
        assert datetime.fromisoformat(letter.died_at)
        assert until(lambda: dead_letters.replay(pair.amqp_url, pair.consumer)) == 1

    assert len(pair.taken(pair.queue)) == 1


def test_a_letter_without_a_queue_to_go_to_stays_and_stops_no_other(pair):
    lost, found = pair.event(), pair.event()
    bury(pair, lost, queue=f"{pair.consumer}.gone")
    bury(pair, found)

    with pytest.raises(dead_letters.DeadLettersError, match="1 sent again, 1 not"):
        dead_letters.replay(pair.amqp_url, pair.consumer)

    (message,) = pair.taken(pair.queue)
    assert message.properties["message_id"] == str(found.id)
    (letter,) = until(lambda: left(pair))
    assert letter.event_id == str(lost.id)


def test_a_service_that_was_not_prepared_is_told_so(amqp_url):
    with pytest.raises(dead_letters.DeadLettersError, match="run prepare"):
        dead_letters.find(amqp_url, f"nobody-{uuid4().hex[:8]}")


@pytest.fixture
def grid(amqp_url, monkeypatch):
    """The command speaks of real services; nothing consumes from grid's dead letters."""
    topology.declare(amqp_url, [topology.Contract("grid", {}, ())], (1.0,))
    monkeypatch.setenv("AMQP_URL", amqp_url)


@pytest.mark.usefixtures("grid")
def test_the_command_lists_without_the_data_and_replays_one(pair, capsys):
    event = pair.event(county_id="430223")
    bury(pair, event, service="grid")

    assert dead_letters.main(["list", "grid"]) == 0
    listed = capsys.readouterr().out
    assert str(event.id) in listed
    assert "county 430223" in listed
    assert "permanent after 3 tries" in listed
    assert "PermanentError: the grid is gone" in listed
    assert "巡查" not in listed

    until(lambda: left(pair, "grid"))
    assert dead_letters.main(["replay", "grid", "--id", str(uuid4())]) == 1
    assert "no dead letter of event" in capsys.readouterr().err
    until(lambda: left(pair, "grid"))
    until(lambda: dead_letters.main(["replay", "grid", "--id", str(event.id)]) == 0)
    assert len(pair.taken(pair.queue)) == 1


def test_the_command_names_what_is_missing_or_away(monkeypatch, capsys):
    monkeypatch.delenv("AMQP_URL", raising=False)
    assert dead_letters.main(["list", "cases"]) == 1
    assert "AMQP_URL is not set" in capsys.readouterr().err

    monkeypatch.setenv("AMQP_URL", "amqp://someone:secret@127.0.0.1:9/none")
    assert dead_letters.main(["list", "cases"]) == 1
    complaint = capsys.readouterr().err
    assert "RabbitMQ cannot be reached" in complaint
    assert "secret" not in complaint
