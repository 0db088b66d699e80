"""How nameko takes messages from the broker, and keeps at it through outages and to a quiet end."""

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
from nameko.messaging import QueueConsumer, QueueConsumerStopped

from shared.eventing import topology
from shared.eventing.sending import Sender

log = logging.getLogger(__name__)

SHORTEST_RECONNECT_SECONDS = 0.5
LONGEST_RECONNECT_SECONDS = 3.0


class RawQueueConsumer(QueueConsumer):
    """Hands messages on as bytes: kombu's decoding acknowledges, so loses, the unreadable.

    It keeps the connection until every message at hand is settled; nameko closes it first, and what
    a handler then finishes would come again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_hand = 0

    def setup(self) -> None:
        """Make the sender of failed events' copies."""
        super().setup()
        self.sender = Sender(self.container.config["AMQP_URI"])

    def stop(self) -> None:
        """Stop after everything at hand is settled."""
        super().stop()
        self.sender.close()

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Take messages until the last queue is given up."""
        try:
            super().run(*args, **kwargs)
        except QueueConsumerStopped:
            log.info("stopped while the broker is away")

    @contextmanager
    def establish_connection(self) -> Iterator[kombu.Connection]:
        """Connect; while the broker is away try again every few seconds."""
        with self.connection as connection:
            connection.ensure_connection(
                self.on_connection_error,
                interval_start=SHORTEST_RECONNECT_SECONDS,
                interval_step=SHORTEST_RECONNECT_SECONDS,
                interval_max=LONGEST_RECONNECT_SECONDS,
            )
            yield connection

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Set the consumers up, and where their failures go, after every connection."""
        self._at_hand = 0
        topology.declare_failures(
            channel, self.container.service_name, self.container.config["EVENT_RETRY_SECONDS"]
        )
        for provider in self._providers:
            consumer = consumer_cls(
                queues=[provider.queue],
                on_message=functools.partial(self.handle_message, provider, None),
            )
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return list(self._consumers.values())

    def handle_message(self, provider: Any, body: None, message: Any) -> None:
        """Count the message as at hand, and give it to its entrypoint."""
        self._at_hand += 1
        super().handle_message(provider, body, message)

    def settled(self, message: Any) -> None:
        """Count the message off; one from before the last connection was counted off with it."""
        if message.channel.connection:
            self._at_hand -= 1

    def on_iteration(self) -> None:
        """Give up the queues that are to be given up; end when nothing is at hand any more."""
        self._cancel_consumers_if_requested()
        if not self._consumers and self._at_hand <= 0:
            self.should_stop = True

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """Say that the broker is away; where the process is to end, end without it."""
        log.warning("the broker is away, next try in %.1f s: %s", interval, exc)
        requested = dict(self._pending_remove_providers)
        self._pending_remove_providers.clear()
        for provider, removed in requested.items():
            self._consumers.pop(provider, None)
            removed.send()
        if requested and not self._consumers:
            raise QueueConsumerStopped
