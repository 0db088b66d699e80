"""A service's dead letters: how many there are, what they say of themselves, and another chance.

Looking takes nothing away: what is read is left unacknowledged and goes back where it was. While
somebody looks, nobody else sees the same letters.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import amqp
import kombu
import orjson

from shared.eventing import topology
from shared.eventing.outcome import (
    ATTEMPT_HEADER,
    ERROR_HEADER,
    OUTAGE_HEADER,
    QUEUE_HEADER,
    REASON_HEADER,
    TIME_HEADER,
    own_headers,
)

CONNECT_TIMEOUT_SECONDS = 5
CONFIRM_TIMEOUT_SECONDS = 30
UNREADABLE = "-"
STORY_OF_FAILURE = frozenset(
    {ATTEMPT_HEADER, OUTAGE_HEADER, QUEUE_HEADER, REASON_HEADER, ERROR_HEADER, TIME_HEADER}
)
"""Headers that speak of the tries so far. A replayed event starts without them."""


class NoSuchQueue(LookupError):
    """The broker has no queue of dead letters for the service: it was not prepared."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What a dead letter says of itself; never its data. ``-`` where it does not say."""

    event_id: str
    event: str
    county_id: str
    queue: str
    reason: str
    error: str
    attempts: int
    died_at: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many dead letters went back to their queues, and those that no queue took."""

    count: int
    refused: tuple[DeadLetter, ...]


def count(amqp_url: str, service: str) -> int:
    """How many dead letters the service has. Raises kombu's OperationalError without a broker."""
    with _channel(amqp_url) as channel:
        return _waiting(channel, service)


def entries(amqp_url: str, service: str) -> Iterator[DeadLetter]:
    """Each dead letter of the service, the oldest first; all of them stay."""
    with _channel(amqp_url) as channel:
        for message in _messages(channel, service):
            yield describe(message)


def replay(amqp_url: str, service: str, event_id: str | None = None) -> Replayed:
    """Send the dead letters, or the one of an event, to the queues they come from.

    One leaves the dead letters only after the broker has it in its queue; stopped in between, it is
    in both, and the inbox of the consumer knows it. What fails again comes back, and is not sent a
    second time by the same call.
    """
    sent, refused = 0, []
    with _connection(amqp_url) as connection, connection.channel() as channel:
        for message in _messages(channel, service):
            letter = describe(message)
            if event_id not in {None, letter.event_id}:
                continue
            if _publish(connection, letter.queue, message):
                channel.basic_ack(message.delivery_tag)
                sent += 1
            else:
                refused.append(letter)
    return Replayed(sent, tuple(refused))


def describe(message: amqp.Message) -> DeadLetter:
    """Read what a dead letter says, by our headers or, where the broker gave up on it, by its."""
    headers = message.headers or {}
    queue, reason, died_at = _story(headers)
    document = _document(message.body)
    return DeadLetter(
        event_id=_text(document.get("id") or message.properties.get("message_id")),
        event=_text(message.properties.get("type") or document.get("type")),
        county_id=_text(document.get("countyid")),
        queue=queue,
        reason=reason,
        error=_text(headers.get(ERROR_HEADER)),
        attempts=int(headers.get(ATTEMPT_HEADER, 1)),
        died_at=died_at,
    )


def _story(headers: Mapping[str, Any]) -> tuple[str, str, str]:
    """Queue, reason and time of death. The broker writes the latest death first."""
    if REASON_HEADER in headers:
        return (
            _text(headers.get(QUEUE_HEADER)),
            _text(headers[REASON_HEADER]),
            _text(headers.get(TIME_HEADER)),
        )
    deaths = headers.get("x-death") or [{}]
    died_at = deaths[0].get("time")
    moment = died_at.isoformat() if isinstance(died_at, datetime) else died_at
    return _text(deaths[0].get("queue")), _text(deaths[0].get("reason")), _text(moment)


def _document(body: bytes | str) -> Mapping[str, Any]:
    """The envelope; empty where it cannot be read, which may be why the letter is dead."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object) -> str:
    return UNREADABLE if value is None or value == "" else str(value)


def _messages(channel: amqp.Channel, service: str) -> Iterator[amqp.Message]:
    """As many letters as there are at the start, so that what comes back meanwhile is left."""
    name = topology.dead_letter_queue(service).name
    for _ in range(_waiting(channel, service)):
        message = channel.basic_get(name, no_ack=False)
        if message is None:  # somebody else is looking, too
            return
        yield message


def _waiting(channel: amqp.Channel, service: str) -> int:
    name = topology.dead_letter_queue(service).name
    try:
        return int(channel.queue_declare(name, passive=True).message_count)
    except amqp.NotFound as error:
        raise NoSuchQueue(f"the broker has no queue {name}: run prepare first") from error


def _publish(connection: kombu.Connection, queue: str, message: amqp.Message) -> bool:
    """Put a copy into the queue; whether the broker confirmed it.

    Each has a channel of its own: the confirm of one that was returned comes late, and on a shared
    channel would count for the next.
    """
    returned: list[str] = []
    with connection.channel() as channel:
        channel.events["basic_return"].add(lambda *_: returned.append(queue))
        channel.confirm_select()
        channel.basic_publish_confirm(
            _copy(message), "", queue, mandatory=True, confirm_timeout=CONFIRM_TIMEOUT_SECONDS
        )
    return not returned


def _copy(message: amqp.Message) -> amqp.Message:
    kept = {
        name: value
        for name, value in own_headers(message.headers or {}).items()
        if name not in STORY_OF_FAILURE
    }
    properties = {**message.properties, "application_headers": kept, "delivery_mode": 2}
    return amqp.Message(message.body, **properties)


@contextmanager
def _connection(amqp_url: str) -> Iterator[kombu.Connection]:
    with kombu.Connection(amqp_url, connect_timeout=CONNECT_TIMEOUT_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, timeout=CONNECT_TIMEOUT_SECONDS)
        yield connection


@contextmanager
def _channel(amqp_url: str) -> Iterator[amqp.Channel]:
    with _connection(amqp_url) as connection, connection.channel() as channel:
        yield channel
