"""Exchanges and queues: how they are named and declared.

Everything is built from what the services state in their ``EVENTS`` and ``CONSUMES``. The same
functions give the consumers their queues, so arguments cannot differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import kombu

from shared.eventing.contracts import Events, Subscription

RETRY_SECONDS = "1,5,30,120,600"
"""Default delays between the tries of a failed event."""

DELIVERY_LIMIT = 20
"""Deliveries of one try that end without an answer before the broker itself gives up on it.

A message that only waited in a process that ended counts too, so a few restarts must not reach it.
"""

LOOKS_LIMIT = 1_000_000
"""Looking at a dead letter counts as a delivery. Without a limit of its own the queue gets one of
20 from RabbitMQ 4 on, and the letter would be gone at the next look."""

UNCONSUMED_LENGTH = 10_000
QUORUM = {
    "x-queue-type": "quorum",
    # The broker hands a dead letter on only when its new queue has it: nothing is lost in between.
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@dataclass(frozen=True, slots=True)
class Contract:
    """What one service states of its events."""

    service: str
    events: Events
    consumes: Sequence[Subscription]


def exchange(service: str) -> kombu.Exchange:
    """Where a service publishes."""
    return kombu.Exchange(f"{service}.events", type="topic", durable=True)


def queue(subscription: Subscription, consumer: str) -> kombu.Queue:
    """Where a consumer reads one kind of event."""
    return kombu.Queue(
        subscription.queue(consumer),
        exchange(subscription.source),
        routing_key=subscription.key,
        queue_arguments={
            **QUORUM,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": dead_letter_exchange(consumer).name,
            "x-dead-letter-routing-key": subscription.queue(consumer),
        },
    )


def dead_letter_exchange(consumer: str) -> kombu.Exchange:
    """Where a consumer's dead letters go; their routing key is the queue they come from."""
    return kombu.Exchange(f"{consumer}.dlx", type="fanout", durable=True)


def dead_letter_queue(consumer: str) -> kombu.Queue:
    """Where a consumer's dead letters stay until somebody replays them."""
    return kombu.Queue(
        f"{consumer}.dlq",
        dead_letter_exchange(consumer),
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": LOOKS_LIMIT},
    )


def retry_queues(consumer: str, seconds: Iterable[float]) -> list[kombu.Queue]:
    """Where events of the consumer wait for their next try, one queue a delay.

    A message keeps its routing key, which is the queue it came from, and goes back there.
    """
    return [_retry_queue(consumer, round(delay * 1000)) for delay in seconds]


def declare(amqp_url: str, contracts: Sequence[Contract], retry_seconds: Sequence[float]) -> None:
    """Declare everything that is not there yet. Raises kombu's OperationalError without a broker."""
    with kombu.Connection(amqp_url, connect_timeout=10) as connection:
        connection.ensure_connection(max_retries=3, interval_start=0.5)
        channel = connection.default_channel
        for contract in contracts:
            exchange(contract.service)(channel).declare()
        for contract in contracts:
            declare_failures(channel, contract.service, retry_seconds)
            for entity in _queues(contract, contracts):
                entity(channel).declare()


def declare_failures(channel: Any, consumer: str, retry_seconds: Sequence[float]) -> None:
    """Declare the queues where a consumer's failed events go, over an open channel."""
    for entity in (dead_letter_queue(consumer), *retry_queues(consumer, retry_seconds)):
        entity(channel).declare()


def unconsumed_keys(contract: Contract, contracts: Sequence[Contract]) -> list[str]:
    """Keys that a service emits and nobody consumes (yet)."""
    wanted = {
        subscription.key
        for other in contracts
        for subscription in other.consumes
        if subscription.source == contract.service
    }
    return sorted(
        emission.key for emission in contract.events.values() if emission.key not in wanted
    )


def _queues(contract: Contract, contracts: Sequence[Contract]) -> list[kombu.Queue]:
    return [
        *(queue(subscription, contract.service) for subscription in contract.consumes),
        *_unconsumed_queues(contract, unconsumed_keys(contract, contracts)),
    ]


def _unconsumed_queues(contract: Contract, keys: Sequence[str]) -> list[kombu.Queue]:
    """Keep the last events that nobody consumes, so that every published event has a place to go.

    The relay publishes with ``mandatory``: an event without a queue is a fault of the topology, and
    must not look the same as an event that nobody needs.
    """
    if not keys:
        return []
    bindings = [kombu.binding(exchange(contract.service), routing_key=key) for key in keys]
    arguments = {"x-queue-type": "classic", "x-max-length": UNCONSUMED_LENGTH}
    return [
        kombu.Queue(f"{contract.service}.unconsumed", bindings=bindings, queue_arguments=arguments)
    ]


def _retry_queue(consumer: str, milliseconds: int) -> kombu.Queue:
    name = f"{consumer}.retry.{milliseconds}ms"
    arguments: Mapping[str, object] = {
        **QUORUM,
        "x-message-ttl": milliseconds,
        "x-dead-letter-exchange": "",
    }
    return kombu.Queue(
        name, kombu.Exchange(name, type="fanout", durable=True), queue_arguments=arguments
    )
