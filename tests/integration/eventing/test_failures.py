"""What fails for good is kept with its reason; what fails for now is tried again; nothing twice."""

from datetime import datetime
from itertools import pairwise
from uuid import uuid4

import pytest

from deploy import dead_letters
from shared.eventing.envelope import Envelope
from shared.ids import new_id
from tests.integration.eventing.probe.schemas import ThingSeen
from tests.support.waiting import until


def the_letter(world):
    until(lambda: world.waiting("dlq") == 1)
    (letter,) = dead_letters.find(world.amqp_url, world.name)
    return letter


def body_with(world, **changes):
    event = Envelope(
        id=new_id(),
        source=world.name,
        key="thing.made.v1",
        subject="kite",
        time=datetime.fromisoformat("2026-03-02T08:00:00+08:00"),
        county_id=world.county_id,
        correlation_id="test",
        causation_id=None,
        traceparent=None,
        sequence=1,
        data={"thing": "kite"},
    )
    values = {name: getattr(event, name) for name in event.__slots__}
    return Envelope(**{**values, **changes}).to_json()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("permanent", "PermanentError: this thing is not for us"),
        ("refuse", "FailedPrecondition: The present state does not allow this."),
    ],
)
def test_what_can_never_succeed_is_a_dead_letter_with_its_reason(world, behaviour, error):
    world.behave("kite", behaviour)
    process = world.start()

    (event_id,) = world.emit("kite")

    letter = the_letter(world)
    assert letter.event_id == str(event_id)
    assert letter.key == "thing.made.v1"
    assert letter.county_id == world.county_id
    assert letter.queue == world.queue("made")
    assert letter.reason == "permanent"
    assert letter.error == error
    assert letter.attempts == 1
    assert world.done() == []
    assert process.handled("dead") == 1


def test_listing_dead_letters_takes_nothing_away(world):
    world.behave("kite", "permanent")
    world.start()
    world.emit("kite", "kite")
    until(lambda: world.waiting("dlq") == 2)

    first = dead_letters.find(world.amqp_url, world.name)
    second = dead_letters.find(world.amqp_url, world.name)

    assert len(first) == 2
    assert {letter.event_id for letter in first} == {letter.event_id for letter in second}


def test_a_replayed_event_is_handled_once_its_fault_is_gone(world):
    world.behave("kite", "permanent")
    world.start()
    (event_id,) = world.emit("kite")
    the_letter(world)

    world.behave("kite", "")
    sent = dead_letters.replay(world.amqp_url, world.name)

    assert sent == 1
    until(lambda: world.done() == [event_id])
    assert world.waiting("dlq") == 0


def test_replaying_one_event_leaves_the_other_letters(world):
    world.behave("kite", "permanent")
    world.start()
    first, second = world.emit("kite", "kite")
    until(lambda: world.waiting("dlq") == 2)

    world.behave("kite", "")
    sent = dead_letters.replay(world.amqp_url, world.name, str(second))

    assert sent == 1
    until(lambda: world.done() == [second])
    (left,) = dead_letters.find(world.amqp_url, world.name)
    assert left.event_id == str(first)


def test_replaying_an_event_without_a_letter_says_so(world):
    world.start()

    with pytest.raises(dead_letters.DeadLettersError, match="no dead letter of event 1234"):
        dead_letters.replay(world.amqp_url, world.name, "1234")


def test_a_letter_whose_queue_is_gone_stays(world):
    world.behave("kite", "permanent")
    process = world.start()
    world.emit("kite")
    the_letter(world)
    process.kill()
    with world.channel() as channel:
        channel.queue_delete(world.queue("made"))

    with pytest.raises(dead_letters.DeadLettersError, match="its letter stays"):
        dead_letters.replay(world.amqp_url, world.name)

    assert the_letter(world).queue == world.queue("made")


def test_a_replayed_event_may_be_tried_as_often_as_a_new_one(world):
    world.behave("kite", "pass")
    process = world.start(EVENT_RETRY_SECONDS="0.2")
    (event_id,) = world.emit("kite")
    assert the_letter(world).attempts == 2
    tried = process.handled("retried")

    dead_letters.replay(world.amqp_url, world.name)
    until(lambda: process.handled("retried") == tried + 1)
    world.behave("kite", "")

    until(lambda: world.done() == [event_id] or world.waiting("dlq"))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (lambda _: b"no json", "MalformedEvent: not a CloudEvent of this platform"),
        (lambda _: b"\xff\xfe", "MalformedEvent: not a CloudEvent of this platform"),
        (lambda _: b"[]", "MalformedEvent: not a CloudEvent of this platform"),
        (lambda world: body_with(world, data=[]), "MalformedEvent: not a CloudEvent"),
        (lambda world: body_with(world, county_id=None), "MalformedEvent: not a CloudEvent"),
        (lambda world: body_with(world, data={"thing": 3}), "ValidationError: {'thing':"),
    ],
    ids=["text", "bytes", "list", "data", "county", "invalid"],
)
def test_what_cannot_be_read_is_a_dead_letter_and_the_process_goes_on(world, body, error):
    world.start()

    world.publish(body(world), content_type="application/json", content_encoding="utf-8")

    letter = the_letter(world)
    assert letter.reason == "permanent"
    assert letter.error.startswith(error)
    (event_id,) = world.emit("kite")
    until(lambda: world.done() == [event_id])


def test_what_fails_for_now_is_tried_again_ever_later_until_it_succeeds(world):
    world.behave("kite", "pass")
    process = world.start()

    (event_id,) = world.emit("kite")
    until(lambda: len(process.said("handler failed")) == 3)
    world.behave("kite", "")

    until(lambda: world.done() == [event_id])
    times = [datetime.fromisoformat(line["time"]) for line in process.said("handler failed")]
    times.append(datetime.fromisoformat(process.said("done")[0]["time"]))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    for gap, delay in zip(gaps, (0.2, 0.6, 1.8), strict=True):
        assert delay <= gap < delay + 1
    assert process.handled("retried") == 3
    assert world.waiting("dlq") == 0


def test_what_fails_at_every_try_is_a_dead_letter(world):
    world.behave("kite", "pass")
    process = world.start(EVENT_RETRY_SECONDS="0.2,0.4")

    world.emit("kite")

    letter = the_letter(world)
    assert (letter.reason, letter.attempts) == ("exhausted", 3)
    assert letter.error == "Passing: not yet"
    assert len(process.said("handler failed")) == 3


def test_a_failure_is_logged_with_its_county_and_correlation_id(world):
    world.behave("kite", "pass")
    process = world.start()

    world.emit("kite")

    line = until(lambda: process.said("handler failed"))[0]
    assert line["county_id"] == world.county_id
    assert line["correlation_id"]
    assert line["event"] == "thing.made.v1"
    assert "Passing" in line["trace"]


def test_a_duplicate_changes_nothing_and_is_counted(world):
    process = world.start()
    body = body_with(world)

    for _ in range(3):
        world.publish(body)

    until(lambda: process.handled("duplicate") == 2)
    assert len(world.done()) == 1
    assert process.handled("done") == 1


def test_two_handlers_of_one_service_one_of_them_inherited(world):
    process = world.start()

    made = world.emit("kite")
    seen = world.emit("kite", kind=ThingSeen)

    until(lambda: sorted(world.done()) == sorted(made + seen))
    assert process.metric("wangge_events_handled_total", event="thing.seen.v1", result="done") == 1


def test_an_event_that_kills_its_process_again_and_again_is_a_dead_letter_of_the_broker(world):
    world.start().kill()
    headers = {"x-wangge-attempt": "rubbish"}
    event_id = str(uuid4())
    world.publish(b"{}", message_id=event_id, application_headers=headers)
    with world.channel() as channel:
        for _ in range(21):
            message = until(lambda: channel.basic_get(world.queue("made")))
            channel.basic_reject(message.delivery_tag, requeue=True)

    letter = the_letter(world)

    assert letter.event_id == event_id
    assert letter.reason == "delivery_limit"
    assert letter.queue == world.queue("made")
