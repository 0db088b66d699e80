"""Dead letters can be read without harm, and sent again without loss."""

from datetime import datetime
from uuid import uuid4

import pytest

from deploy.dead_letters import main
from shared.eventing import dead_letters, topology
from shared.eventing.dead_letters import NoSuchQueue
from shared.eventing.outcome import (
    ATTEMPT_HEADER,
    ERROR_HEADER,
    QUEUE_HEADER,
    REASON_HEADER,
    TIME_HEADER,
    own_headers,
)
from tests.integration.eventing.running import eventually


def bury(pair, event, *, queue=None, headers=None):
    """Put an event among the dead letters as a handler that failed for good does."""
    story = {
        QUEUE_HEADER: queue or pair.queue,
        REASON_HEADER: "permanent",
        ERROR_HEADER: "PermanentError: the grid is gone",
        ATTEMPT_HEADER: 3,
        TIME_HEADER: "2026-05-01T08:00:00+00:00",
        **(headers or {}),
    }
    pair.publish(
        f"{pair.consumer}.dlx",
        queue or pair.queue,
        event.to_json(),
        story,
        message_id=str(event.id),
        type=event.key,
    )


def read(pair):
    return list(dead_letters.entries(pair.amqp_url, pair.consumer))


def test_a_dead_letter_tells_its_story_and_stays(pair):
    event = pair.event(county_id="430223")
    bury(pair, event)

    (letter,) = read(pair)

    assert letter == dead_letters.DeadLetter(
        event_id=str(event.id),
        event="note.written.v1",
        county_id="430223",
        queue=pair.queue,
        reason="permanent",
        error="PermanentError: the grid is gone",
        attempts=3,
        died_at="2026-05-01T08:00:00+00:00",
    )
    assert eventually(lambda: read(pair)) == [letter]
    assert eventually(lambda: dead_letters.count(pair.amqp_url, pair.consumer)) == 1


def test_what_the_broker_gave_up_on_tells_it_in_the_brokers_words(pair):
    event = pair.event()
    pair.publish("", pair.queue, event.to_json(), message_id=str(event.id), type=event.key)
    with pair.channel() as channel:
        for _ in range(topology.DELIVERY_LIMIT + 1):
            message = eventually(lambda: channel.basic_get(pair.queue, no_ack=False))
            channel.basic_reject(message.delivery_tag, requeue=True)

    (letter,) = eventually(lambda: read(pair))

    assert (letter.event_id, letter.queue) == (str(event.id), pair.queue)
    assert (letter.reason, letter.error) == ("delivery_limit", "-")
    assert datetime.fromisoformat(letter.died_at)


def test_what_cannot_be_read_is_listed_and_replayed_as_it_is(pair):
    headers = {QUEUE_HEADER: pair.queue, REASON_HEADER: "permanent"}
    pair.publish(f"{pair.consumer}.dlx", pair.queue, b"\xff no json", headers)

    (letter,) = read(pair)
    eventually(lambda: dead_letters.count(pair.amqp_url, pair.consumer))
    dead_letters.replay(pair.amqp_url, pair.consumer)

    assert (letter.event_id, letter.event, letter.county_id) == ("-", "-", "-")
    assert [bytes(message.body) for message in pair.taken(pair.queue)] == [b"\xff no json"]


def test_a_replayed_event_is_in_its_queue_again_and_starts_afresh(pair):
    event = pair.event()
    bury(pair, event, headers={"x-trace": "kept"})

    done = dead_letters.replay(pair.amqp_url, pair.consumer)

    (message,) = pair.taken(pair.queue)
    assert done == dead_letters.Replayed(1, ())
    assert bytes(message.body) == event.to_json()
    assert own_headers(message.headers) == {"x-trace": "kept"}
    assert message.properties["message_id"] == str(event.id)
    assert message.properties["type"] == event.key
    assert message.properties["delivery_mode"] == 2
    assert dead_letters.count(pair.amqp_url, pair.consumer) == 0


def test_what_the_broker_gave_up_on_can_be_replayed_and_given_up_on_again(pair):
    pair.publish("", pair.queue, pair.event().to_json())
    for _ in range(2):
        with pair.channel() as channel:
            for _ in range(topology.DELIVERY_LIMIT + 1):
                message = eventually(lambda: channel.basic_get(pair.queue, no_ack=False))
                channel.basic_reject(message.delivery_tag, requeue=True)
        eventually(lambda: dead_letters.count(pair.amqp_url, pair.consumer) == 1)
        assert dead_letters.replay(pair.amqp_url, pair.consumer).count == 1

    assert len(pair.taken(pair.queue)) == 1


def test_one_event_is_replayed_and_the_others_stay(pair):
    events = [pair.event() for _ in range(3)]
    for event in events:
        bury(pair, event)

    done = dead_letters.replay(pair.amqp_url, pair.consumer, str(events[1].id))

    assert done.count == 1
    assert [message.properties["message_id"] for message in pair.taken(pair.queue)] == [
        str(events[1].id)
    ]
    eventually(lambda: dead_letters.count(pair.amqp_url, pair.consumer) == 2)
    assert [letter.event_id for letter in read(pair)] == [str(events[0].id), str(events[2].id)]


def test_a_letter_without_a_queue_to_go_to_stays_and_stops_no_other(pair):
    lost, found = pair.event(), pair.event()
    bury(pair, lost, queue=f"{pair.consumer}.gone")
    bury(pair, found)

    done = dead_letters.replay(pair.amqp_url, pair.consumer)

    assert done.count == 1
    assert [letter.event_id for letter in done.refused] == [str(lost.id)]
    assert len(pair.taken(pair.queue)) == 1
    eventually(lambda: dead_letters.count(pair.amqp_url, pair.consumer) == 1)


def test_a_service_that_was_not_prepared_is_told_so(amqp_url):
    with pytest.raises(NoSuchQueue, match="run prepare"):
        dead_letters.count(amqp_url, f"nobody-{uuid4().hex[:8]}")


@pytest.fixture
def grid(amqp_url, monkeypatch):
    """The command speaks of real services; nothing consumes from grid's dead letters."""
    topology.declare(amqp_url, [topology.Contract("grid", {}, ())], (1.0,))
    monkeypatch.setenv("AMQP_URL", amqp_url)


@pytest.mark.usefixtures("grid")
def test_the_command_lists_counts_and_replays(pair, capsys):
    event = pair.event(county_id="430223")
    pair.publish(
        "grid.dlx",
        pair.queue,
        event.to_json(),
        {QUEUE_HEADER: pair.queue, REASON_HEADER: "exhausted", ERROR_HEADER: "KeyError: 'x'"},
    )

    assert main(["list", "grid"]) == 0
    listed = capsys.readouterr().out
    assert str(event.id) in listed
    assert "county 430223" in listed
    assert "exhausted: KeyError: 'x'" in listed
    assert "巡查" not in listed
    eventually(lambda: main(["count", "grid"]) == 0 and capsys.readouterr().out.strip() == "1")

    assert main(["replay", "grid", "--id", str(uuid4())]) == 1
    assert "no dead letter has the id" in capsys.readouterr().err
    eventually(lambda: dead_letters.count(pair.amqp_url, "grid") == 1)
    assert main(["replay", "grid", "--id", str(event.id)]) == 0
    assert len(pair.taken(pair.queue)) == 1


def test_the_command_names_what_is_missing_or_away(monkeypatch, capsys):
    monkeypatch.delenv("AMQP_URL", raising=False)
    assert main(["list", "cases"]) == 1
    assert "AMQP_URL is not set" in capsys.readouterr().err

    monkeypatch.setenv("AMQP_URL", "amqp://someone:secret@127.0.0.1:9/none")
    assert main(["list", "cases"]) == 1
    complaint = capsys.readouterr().err
    assert "RabbitMQ cannot be reached" in complaint
    assert "secret" not in complaint
