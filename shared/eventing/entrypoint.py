"""How nameko brings events to the handlers of the platform.

This file and its neighbours `delivery`, `process` and `timing` are the only ones that know nameko.

nameko's own event handler acknowledges an event whose handler failed, which loses it. Here an event
is acknowledged after its transaction committed; one that can never succeed goes to the dead
letters with its reason, and any other is tried again after growing delays.
"""

import functools
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from marshmallow import ValidationError
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider
from nameko.messaging import Consumer
from sqlalchemy import Engine

from shared.db.engine import is_outage, make_engine
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import DomainError
from shared.eventing import topology
from shared.eventing.contracts import PermanentError, Subscription, subscription_to
from shared.eventing.delivery import RawQueueConsumer
from shared.eventing.envelope import Envelope, MalformedEvent
from shared.eventing.outcome import (
    Outcome,
    Tries,
    dead_letter_headers,
    decide,
    describe,
    retry_headers,
)
from shared.eventing.relay import RelayLoop
from shared.eventing.sending import body_of, copied_properties
from shared.logging import bound
from shared.metrics import EVENT_LATENCY, EVENTS_HANDLED

log = logging.getLogger("events")

Handler = TypeVar("Handler", bound=Callable[..., None])
NEVER = (MalformedEvent, ValidationError, PermanentError, DomainError)
"""Errors that another try cannot mend, except those of ``outcome.PASSING``."""
SETTLE_AGAIN_SECONDS = 1.0


class EventEntrypoint(Consumer):
    """Runs a handler for each message of a subscription's queue, and settles the message."""

    queue_consumer = RawQueueConsumer()

    def __init__(self, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(queue=None, **kwargs)
        self.subscription = subscription

    def setup(self) -> None:
        """Name the queue after the container's service, and register with the queue consumer."""
        self.queue = topology.queue(self.subscription, self.container.service_name)
        super().setup()

    def handle_message(self, body: None, message: Any) -> None:
        """Start a worker for the message. Must not raise: that would end the whole process."""
        settle = functools.partial(self.handle_result, message)
        try:
            self.container.spawn_worker(self, (body_of(message),), {}, handle_result=settle)
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def handle_result(
        self, message: Any, worker_ctx: Any, result: Any = None, exc_info: Any = None
    ) -> tuple[Any, Any]:
        """Settle the message by the outcome of its handler. Must not raise either."""
        error = None if exc_info is None else exc_info[1]
        outcome = decide(
            error,
            Tries.of(message.headers or {}),
            self.container.config["EVENT_RETRY_SECONDS"],
            never=NEVER,
            outage=is_outage,
        )
        try:
            self._settle(message, outcome)
        except Exception as trouble:  # noqa: BLE001 - the edge: whatever broke, keep the event
            self._leave(message, trouble)
        finally:
            self.queue_consumer.settled(message)
        EVENTS_HANDLED.labels(self.subscription.key, outcome.result or result).inc()
        return result, None

    def _settle(self, message: Any, outcome: Outcome) -> None:
        consumer = self.container.service_name
        headers = message.headers or {}
        if outcome.delay is not None:
            (waiting,) = topology.retry_queues(consumer, [outcome.delay])
            self._hand_on(message, waiting.exchange.name, retry_headers(headers, outcome))
        elif outcome.reason is not None:
            dead = dead_letter_headers(headers, self.queue.name, outcome)
            self._hand_on(message, topology.dead_letter_exchange(consumer).name, dead)
        self.queue_consumer.ack_message(message)

    def _leave(self, message: Any, trouble: Exception) -> None:
        """Give the event back: the broker delivers it again, and the inbox knows what was done."""
        log.warning("cannot settle an event: %s", describe(trouble))
        time.sleep(SETTLE_AGAIN_SECONDS)
        try:
            self.queue_consumer.requeue_message(message)
        except Exception as gone:  # noqa: BLE001 - with its connection the broker takes it back
            log.warning("the event went back with its connection: %s", describe(gone))

    def _hand_on(self, message: Any, exchange: str, headers: dict[str, Any]) -> None:
        """Publish a copy and wait until the broker has it; only then may the original go."""
        properties = copied_properties(message, headers)
        self.queue_consumer.sender.send(exchange, self.queue.name, body_of(message), properties)


def on_event(of: type[Any] | Subscription) -> Callable[[Handler], Handler]:
    """Make a method ``(self, tx, event, data)`` the handler of an event: a class of shared.contracts.

    It runs in one transaction of the event's county, and only for events that the inbox has not
    seen; the data is an instance of the class. What it raises rolls everything back, the inbox included.
    """
    subscription = of if isinstance(of, Subscription) else subscription_to(cast("Any", of))

    def decorate(method: Handler) -> Handler:
        @functools.wraps(method)
        def handle(self: Any, body: bytes) -> str:
            started = time.perf_counter()
            event = _read(body, subscription.key)
            with bound(event.context):
                try:
                    result = _run(self, method, event, subscription)
                except Exception as error:
                    _log_failure(error, event.key)
                    raise
                EVENT_LATENCY.labels(event.key).observe(time.time() - event.time.timestamp())
                seconds = round(time.perf_counter() - started, 6)
                log.info(result, extra={"event": event.key, "seconds": seconds})
            return result

        entrypoint: Handler = EventEntrypoint.decorator(subscription)(handle)
        return entrypoint

    return decorate


def _read(body: bytes, key: str) -> Envelope:
    try:
        return Envelope.from_json(body)
    except MalformedEvent as error:
        _log_failure(error, key)
        raise


def _run(
    service: Any, method: Callable[..., None], event: Envelope, subscription: Subscription
) -> str:
    data = subscription.read(event.data)
    with service.unit_of_work(event.context) as tx:
        if not tx.inbox.is_new(event.id, f"{service.name}.{method.__name__}"):
            return "duplicate"
        method(service, tx, event, data)
    return "done"


def _log_failure(error: Exception, key: str) -> None:
    """Log what failed, with the trace where the error is unexpected."""
    expected = isinstance(error, NEVER) or is_outage(error)
    log.warning(
        "handler failed: %s",
        describe(error),
        exc_info=None if expected else error,
        extra={"event": key},
    )


class UnitOfWorkProvider(DependencyProvider):
    """Gives handlers ``self.unit_of_work``, over the application role's connection pool."""

    def __init__(self, make: Callable[..., Transaction]) -> None:
        self._make = make
        self._engine: Engine | None = None

    def setup(self) -> None:
        """Make the pool."""
        config = self.container.config
        self._engine = make_engine(
            config["DATABASE_URL"],
            pool_size=config["DB_POOL_SIZE"],
            application_name=f"wangge {self.container.service_name}-events",
        )

    def stop(self) -> None:
        """Close the pool."""
        if self._engine is not None:
            self._engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> UnitOfWork[Any]:
        """Return a unit of work for a worker."""
        if self._engine is None:
            raise RuntimeError("nameko asks for dependencies after setup")
        return UnitOfWork(self._engine, self._make)


class Relay(DependencyProvider):
    """Runs the service's relay beside its handlers."""

    def setup(self) -> None:
        """Make the relay, over the worker role's connection."""
        config = self.container.config
        self._engine = make_engine(
            config["WORKER_DATABASE_URL"],
            pool_size=2,
            application_name=f"wangge {self.container.service_name}-relay",
        )
        self._loop = RelayLoop(
            self._engine,
            config["AMQP_URI"],
            self.container.service_name,
            timedelta(days=config["RETENTION_DAYS"]),
        )

    def start(self) -> None:
        """Begin to publish."""
        self._thread = self.container.spawn_managed_thread(self._loop.run, identifier="relay")

    def stop(self) -> None:
        """End after the current batch."""
        self._loop.stop()
        self._thread.wait()
        self._engine.dispose()
