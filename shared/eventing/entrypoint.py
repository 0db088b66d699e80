"""How nameko brings events to handlers here. With process.py the only file that knows nameko.

nameko's own event handler acknowledges an event whose handler failed, which loses it. Here an event
is acknowledged after its transaction committed; one that can never succeed goes to the dead
letters with its reason, and any other is tried again, ever later.
"""

import functools
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import kombu
from kombu.exceptions import OperationalError
from marshmallow import ValidationError
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider
from nameko.messaging import Consumer, QueueConsumer
from sqlalchemy import Engine, exc

from shared.db.engine import make_engine
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import DomainError
from shared.eventing import topology
from shared.eventing.contracts import PermanentError, Subscription
from shared.eventing.envelope import Envelope, MalformedEvent
from shared.eventing.outcome import ATTEMPT_HEADER, Outcome, dead_letter_headers, decide
from shared.eventing.relay import RelayLoop
from shared.logging import bound
from shared.metrics import EVENT_LATENCY, EVENTS_HANDLED

log = logging.getLogger("events")

Handler = TypeVar("Handler", bound=Callable[..., None])
NEVER = (MalformedEvent, ValidationError, PermanentError, DomainError)
"""What no further try can mend."""
NOT_OUR_FAULT = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""The database is away: the event waits for it, however long."""
BROKER_ERRORS = (OperationalError, OSError, *kombu.Connection("amqp://").connection_errors)


class RawQueueConsumer(QueueConsumer):
    """Hands messages on as bytes: kombu's decoding acknowledges, so loses, the unreadable."""

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Set the consumers up, after every connection to the broker."""
        for provider in self._providers:
            consumer = consumer_cls(
                queues=[provider.queue],
                on_message=functools.partial(self.handle_message, provider, None),
            )
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()


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
        try:
            self.container.spawn_worker(
                self,
                (bytes(message.body) if not isinstance(message.body, str) else message.body,),
                {},
                handle_result=functools.partial(self.handle_result, message),
            )
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def handle_result(
        self, message: Any, worker_ctx: Any, result: Any = None, exc_info: Any = None
    ) -> tuple[Any, Any]:
        """Settle the message by what its handler came to."""
        outcome = self._outcome(message, None if exc_info is None else exc_info[1])
        try:
            self._settle(message, outcome)
        except BROKER_ERRORS as error:
            # Unsettled, so the broker will deliver it again; the inbox knows what was done.
            log.warning("cannot settle an event: %s", error)
            self.queue_consumer.requeue_message(message)
        EVENTS_HANDLED.labels(self.subscription.key, outcome.result or result).inc()
        return result, None

    def _outcome(self, message: Any, error: BaseException | None) -> Outcome:
        attempt = int((message.headers or {}).get(ATTEMPT_HEADER, 1))
        if error is not None:
            log.warning(
                "handler failed at try %s: %s",
                attempt,
                error,
                exc_info=None if isinstance(error, NEVER) else error,
                extra={"event": self.subscription.key},
            )
        return decide(
            error,
            attempt,
            self.container.config["EVENT_RETRY_SECONDS"],
            never=NEVER,
            always=NOT_OUR_FAULT,
        )

    def _settle(self, message: Any, outcome: Outcome) -> None:
        consumer = self.container.service_name
        if outcome.delay is not None:
            (waiting,) = topology.retry_queues(consumer, [outcome.delay])
            headers = {**(message.headers or {}), ATTEMPT_HEADER: outcome.attempt + 1}
            self._hand_on(message, waiting.exchange.name, headers)
        elif outcome.error is not None:
            headers = dead_letter_headers(message.headers or {}, self.queue.name, outcome)
            self._hand_on(message, topology.dead_letter_exchange(consumer).name, headers)
        self.queue_consumer.ack_message(message)

    def _hand_on(self, message: Any, exchange: str, headers: dict[str, Any]) -> None:
        """Publish a copy and wait until the broker has it; only then may the original go."""
        connection = kombu.Connection(
            self.container.config["AMQP_URI"], transport_options={"confirm_publish": True}
        )
        with kombu.pools.producers[connection].acquire(block=True) as producer:
            producer.publish(
                message.body,
                exchange=exchange,
                routing_key=self.queue.name,
                content_type=message.content_type,
                content_encoding="binary",
                headers=headers,
                delivery_mode=2,
                mandatory=True,
                message_id=message.properties.get("message_id"),
                type=message.properties.get("type"),
                retry=True,
                retry_policy={"max_retries": 2, "interval_start": 0.2},
            )


def on_event(subscription: Subscription) -> Callable[[Handler], Handler]:
    """Make a method ``(self, tx, event, data)`` the handler of a subscription.

    It runs in one transaction of the event's county, in which the inbox has the event for new; the
    data is validated. What it raises rolls everything back, the inbox included.
    """

    def decorate(method: Handler) -> Handler:
        @functools.wraps(method)
        def handle(self: Any, body: bytes | str) -> str:
            started = time.perf_counter()
            event = Envelope.from_json(body)
            data = subscription.schema.load(dict(event.data))
            consumer = f"{self.name}.{method.__name__}"
            with bound(event.context):
                with self.unit_of_work(event.context) as tx:
                    result = "done" if tx.inbox.is_new(event.id, consumer) else "duplicate"
                    if result == "done":
                        method(self, tx, event, data)
                EVENT_LATENCY.labels(event.key).observe(time.time() - event.time.timestamp())
                seconds = round(time.perf_counter() - started, 6)
                log.info(result, extra={"event": event.key, "seconds": seconds})
            return result

        entrypoint: Handler = EventEntrypoint.decorator(subscription)(handle)
        return entrypoint

    return decorate


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
        """Give one to a worker."""
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
        """End after the batch at hand."""
        self._loop.stop()
        self._thread.wait()
        self._engine.dispose()
