"""B5: what the relay publishes a second, against bare kombu with the same bytes and confirms."""

import time
from typing import Final

import amqp
import kombu
from sqlalchemy.engine import URL

from deploy.bench.platform import COUNTY, Platform
from deploy.bench.ratios import Result, in_turns
from deploy.connections import connect
from deploy.local.problems import LocalStackError

GOAL: Final = 0.7
MESSAGES: Final = 20_000
WINDOW: Final = 500
_KEY: Final = "finding.reported.v1"
_EXCHANGE: Final = "patrols.events"
_QUEUE: Final = f"cases.patrols.{_KEY}"
_LONGEST_SECONDS: Final = 120

# Ids that sort by time, as the platform's own do.
_FILL: Final = """
INSERT INTO outbox (county_id, event_id, key, body)
SELECT %(county)s, (%(run)s || lpad(n::text, 20, '0'))::uuid, %(key)s, %(body)s
FROM generate_series(1, %(count)s) AS n
"""
_BODY: Final = "SELECT body FROM outbox WHERE key = %s ORDER BY event_id LIMIT 1"
_WAITING: Final = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"


def measure(platform: Platform, rounds: int) -> Result:
    """The running relay of patrols empties an outbox of 20,000; every other consumer rests."""
    admin = platform.database("patrols", as_admin=True)
    body = _sample(admin)
    broker = platform.amqp_url

    def ours() -> float:
        _purge(broker)
        reached = _relayed(admin, body)
        _expect_all_there(broker)
        return reached

    def limit() -> float:
        _purge(broker)
        possible = _published(broker, body)
        _expect_all_there(broker)
        return possible

    with platform.resting(*_OTHER_EVENTS):
        _drained(admin)
        turns = in_turns(rounds, limit, ours)
        _purge(broker)
    return Result("B5", "publish 20,000 events of the outbox", GOAL, turns)


_OTHER_EVENTS: Final = tuple(
    f"{service}-events"
    for service in ("grid", "personnel", "cases", "notifications", "disclosure", "assessment")
)


def _sample(admin: URL) -> bytes:
    with connect(admin) as connection:
        row = connection.execute(_BODY, [_KEY]).fetchone()
    if row is None:
        raise LocalStackError(f"No {_KEY} lies in the outbox of patrols.")
    return bytes(row[0])


def _relayed(admin: URL, body: bytes) -> float:
    """Messages a second from the commit of the outbox's rows until the last is marked."""
    run = f"{time.time_ns() // 1_000_000:012x}"
    values = {"county": COUNTY, "run": run, "key": _KEY, "body": body, "count": MESSAGES}
    with connect(admin) as connection:
        connection.execute(_FILL, values)
    started = time.perf_counter()
    _drained(admin)
    return MESSAGES / (time.perf_counter() - started)


def _drained(admin: URL) -> None:
    """Wait until nothing waits in the outbox. Raises LocalStackError after two minutes."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    with connect(admin, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(_WAITING).fetchone()
            if row is not None and not row[0]:
                return
            time.sleep(0.02)
    raise LocalStackError("The relay of patrols has not emptied its outbox in two minutes.")


def _published(broker: str, body: bytes) -> float:
    """Messages a second, persistent and mandatory, confirmed in windows of 500."""
    with kombu.Connection(broker) as connection:
        channel: amqp.Channel = connection.channel()
        channel.confirm_select()
        confirms = _Confirms(channel)
        started = time.perf_counter()
        for sent in range(0, MESSAGES, WINDOW):
            for _ in range(WINDOW):
                message = amqp.Message(
                    body, content_type="application/cloudevents+json", delivery_mode=2
                )
                channel.basic_publish(message, _EXCHANGE, _KEY, mandatory=True)
            while confirms.last < sent + WINDOW:
                connection.drain_events(timeout=30)
        return MESSAGES / (time.perf_counter() - started)


class _Confirms:
    """Counts what the broker confirmed on a channel; RabbitMQ may confirm out of order."""

    def __init__(self, channel: amqp.Channel) -> None:
        self.last = 0
        self._below = 0
        self._above: set[int] = set()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - amqp's call
        if multiple:
            self._below = max(self._below, delivery_tag)
            self._above = {tag for tag in self._above if tag > self._below}
        elif delivery_tag > self._below:
            self._above.add(delivery_tag)
        self.last = self._below + len(self._above)

    def _on_nack(self, *_call: object) -> None:
        raise LocalStackError("The broker refused a message.")


def _purge(broker: str) -> None:
    with kombu.Connection(broker) as connection, connection.channel() as channel:
        channel.queue_purge(_QUEUE)


def _expect_all_there(broker: str) -> None:
    with kombu.Connection(broker) as connection, connection.channel() as channel:
        count = channel.queue_declare(_QUEUE, passive=True).message_count
    if count < MESSAGES:
        raise LocalStackError(f"Only {count} of {MESSAGES} messages are in {_QUEUE}.")
