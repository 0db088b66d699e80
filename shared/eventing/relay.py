"""Publishes what committed transactions left in the outbox: each at least once, confirmed."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from uuid import UUID

import amqp
import kombu
from sqlalchemy import Connection, Engine, text

from shared.eventing import topology
from shared.eventing.envelope import CONTENT_TYPE
from shared.eventing.outcome import describe
from shared.metrics import DLQ_MESSAGES, OUTBOX_OLDEST_PENDING_SECONDS, OUTBOX_PENDING

log = logging.getLogger(__name__)

BATCH = 1_000
CONFIRM_TIMEOUT_SECONDS = 30
CLEANUP_BATCH = 5_000
PERSISTENT = 2
HOLD_SECONDS = 5.0
"""How long a key is held back whose events the broker refuses, so that the others go on."""

PENDING = text(
    "SELECT event_id, key, body FROM outbox WHERE published_at IS NULL "
    "AND key <> ALL(CAST(:held AS text[])) "
    "ORDER BY event_id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
MARK = text(
    "UPDATE outbox SET published_at = now() "
    "WHERE published_at IS NULL AND event_id = ANY(CAST(:ids AS uuid[]))"
)
BACKLOG = text(
    "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0) "
    "FROM outbox WHERE published_at IS NULL"
)
CLEANUPS = tuple(
    text(
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} "  # noqa: S608
        f"WHERE {column} < now() - CAST(:age AS interval) LIMIT {CLEANUP_BATCH}))"
    )
    for table, column in (
        ("outbox", "published_at"),
        ("inbox", "seen_at"),
        ("idempotency_keys", "created_at"),
    )
)


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that waits."""

    event_id: UUID
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: how many were found and published, and the keys refused."""

    found: int = 0
    published: int = 0
    refused: frozenset[str] = frozenset()


class Publisher:
    """A channel in confirm mode, to one exchange: publishes a batch and waits for its confirms."""

    def __init__(self, connection: kombu.Connection, exchange: kombu.Exchange) -> None:
        """Open a channel and make the exchange; the connection must be open."""
        self._connection = connection
        self._channel: amqp.Channel = connection.channel()
        exchange(self._channel).declare()
        self._exchange = exchange.name
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._tag = 0
        self._waiting: dict[int, Pending] = {}
        self._refused: dict[UUID, str] = {}

    def publish(self, batch: Sequence[Pending]) -> Mapping[UUID, str]:
        """Publish the batch, wait for its confirms, and return id and key of what was refused.

        All others are safely in a queue. Raises the connection's own errors; then nothing is
        known, and all is to be sent again.
        """
        self._waiting.clear()
        self._refused.clear()
        for pending in batch:
            self._tag += 1
            self._waiting[self._tag] = pending
            self._channel.basic_publish(
                _message(pending), self._exchange, pending.key, mandatory=True
            )
        while self._waiting:
            self._connection.drain_events(timeout=CONFIRM_TIMEOUT_SECONDS)
        return dict(self._refused)

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - amqp's call
        self._settled(delivery_tag, multiple=multiple)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - amqp's call
        for pending in self._settled(delivery_tag, multiple=multiple):
            self._refuse(pending.event_id, pending.key, "the broker refuses %s: a queue is full")

    def _on_return(
        self, _error: Exception, _exchange: str, routing_key: str, message: amqp.Message
    ) -> None:
        event_id = UUID(message.properties["message_id"])
        self._refuse(event_id, routing_key, "no queue takes %s: run prepare")

    def _refuse(self, event_id: UUID, key: str, fault: str) -> None:
        """Note that the event stays, and log it once for each key of a batch."""
        if key not in self._refused.values():
            log.error(fault, key)
        self._refused[event_id] = key

    def _settled(self, delivery_tag: int, *, multiple: bool) -> list[Pending]:
        """Take what a confirm speaks of off the waiting, which are in the order of their tags."""
        if not multiple:
            return [self._waiting.pop(delivery_tag)]
        tags = list(takewhile(lambda tag: tag <= delivery_tag, self._waiting))
        return [self._waiting.pop(tag) for tag in tags]


def publish_pending(
    engine: Engine, publisher: Publisher, limit: int = BATCH, held: Sequence[str] = ()
) -> Batch:
    """Publish up to ``limit`` of the oldest waiting events of all counties, and mark them.

    Rows that another relay has locked are left to it, and events with a key of ``held`` are
    held back. A crash in between publishes some again: consumers know them by their id.
    """
    with engine.begin() as connection:
        rows = connection.execute(PENDING, {"limit": limit, "held": list(held)})
        batch = [Pending(*tuple(row)) for row in rows]
        if not batch:
            return Batch()
        refused = publisher.publish(batch)
        published = [each.event_id for each in batch if each.event_id not in refused]
        connection.execute(MARK, {"ids": published})
    return Batch(len(batch), len(published), frozenset(refused.values()))


def measure_backlog(connection: Connection) -> None:
    """Show how many events wait, and how long the oldest has."""
    count, age = connection.execute(BACKLOG).one()
    OUTBOX_PENDING.set(count)
    OUTBOX_OLDEST_PENDING_SECONDS.set(float(age))


def measure_dead_letters(connection: kombu.Connection, service: str) -> None:
    """Show how many dead letters the service has."""
    with connection.channel() as channel:
        declared = channel.queue_declare(topology.dead_letter_queue(service).name, passive=True)
    DLQ_MESSAGES.set(declared.message_count)


def clean(engine: Engine, retention: timedelta) -> int:
    """Delete a small batch of each kind of row older than the retention; return how many rows.

    Nothing is left once it returns 0. One batch a call, so that deleting much never keeps new
    events waiting.
    """
    deleted = 0
    for statement in CLEANUPS:
        with engine.begin() as connection:
            deleted += connection.execute(statement, {"age": retention}).rowcount
    return deleted


class RelayLoop:
    """Publishes until stopped: at once while there is work, and soon after there is some again."""

    FASTEST_SECONDS = 0.01
    SLOWEST_SECONDS = 0.1
    MEASURE_SECONDS = 5.0
    CLEAN_SECONDS = 3600.0
    LONGEST_BACKOFF_SECONDS = 5.0

    def __init__(self, engine: Engine, amqp_url: str, service: str, retention: timedelta) -> None:
        """``engine`` is the worker role's."""
        self._engine = engine
        self._amqp_url = amqp_url
        self._service = service
        self._retention = retention
        self._stopped = False
        self._backoff = self.SLOWEST_SECONDS
        self._held: dict[str, float] = {}
        self._measured = self._cleaned = float("-inf")

    def stop(self) -> None:
        """End after the current batch."""
        self._stopped = True

    def run(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Publish until stopped; after a lost broker or database it tries again, with growing delays."""
        while not self._stopped:
            try:
                with kombu.Connection(self._amqp_url, connect_timeout=5) as broker:
                    broker.connect()
                    publisher = Publisher(broker, topology.exchange(self._service))
                    self._publish(broker, publisher, sleep)
            except Exception as error:  # noqa: BLE001 - the edge: whatever broke, try again
                self._recover(error, sleep)

    def _recover(self, error: Exception, sleep: Callable[[float], object]) -> None:
        if self._stopped:
            return
        log.warning("relay interrupted, next try in %.1f s: %s", self._backoff, describe(error))
        self._try_to_measure()
        sleep(self._backoff)
        self._backoff = min(self._backoff * 2, self.LONGEST_BACKOFF_SECONDS)

    def _publish(
        self, broker: kombu.Connection, publisher: Publisher, sleep: Callable[[float], object]
    ) -> None:
        pause = self.FASTEST_SECONDS
        while not self._stopped:
            batch = publish_pending(self._engine, publisher, held=self._held_keys())
            self._hold(batch.refused)
            self._look_after(broker)
            self._backoff = self.SLOWEST_SECONDS
            if batch.found == BATCH:
                continue
            pause = self.FASTEST_SECONDS if batch.found else min(pause * 2, self.SLOWEST_SECONDS)
            sleep(pause)

    def _hold(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._held[key] = time.monotonic() + HOLD_SECONDS

    def _held_keys(self) -> list[str]:
        now = time.monotonic()
        self._held = {key: until for key, until in self._held.items() if until > now}
        return list(self._held)

    def _look_after(self, broker: kombu.Connection) -> None:
        now = time.monotonic()
        if now - self._measured > self.MEASURE_SECONDS:
            self._measured = now
            with self._engine.connect() as connection:
                measure_backlog(connection)
            measure_dead_letters(broker, self._service)
        if now - self._cleaned > self.CLEAN_SECONDS:
            deleted = clean(self._engine, self._retention)
            self._cleaned = float("-inf") if deleted else now

    def _try_to_measure(self) -> None:
        """Keep the backlog visible while the broker is away."""
        try:
            with self._engine.connect() as connection:
                measure_backlog(connection)
        except Exception as error:  # noqa: BLE001 - the database may be what broke
            log.warning("the backlog cannot be measured: %s", error)


def _message(pending: Pending) -> amqp.Message:
    return amqp.Message(
        pending.body,
        content_type=CONTENT_TYPE,
        delivery_mode=PERSISTENT,
        message_id=str(pending.event_id),
        type=pending.key,
    )
