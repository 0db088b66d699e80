"""How nameko takes messages from the broker, through outages and until a graceful end."""

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
    """Hands messages on as bytes: kombu would acknowledge, and so lose, what it cannot decode.

    It keeps the connection until every message in progress is settled; nameko would close it first,
    and what a handler then finishes would be delivered again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_hand = 0

    def setup(self) -> None:
        """Make the sender of failed events' copies."""
        super().setup()
        self.sender = Sender(self.container.config["AMQP_URI"])

    def stop(self) -> None:
        """Stop after every message in progress is settled."""
        super().stop()
        self.sender.close()

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Take messages until the last queue is cancelled."""
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
        """Declare the queues of failed events and set up the consumers, after every connection."""
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
        """Count the message as in progress, and give it to its entrypoint."""
        self._at_hand += 1
        super().handle_message(provider, body, message)

    def settled(self, message: Any) -> None:
        """Count the message as settled, unless its connection is gone and the count began anew."""
        if message.channel.connection:
            self._at_hand -= 1

    def on_iteration(self) -> None:
        """Cancel the queues that are to be cancelled; end when no message is in progress any more."""
        self._cancel_consumers_if_requested()
        if not self._consumers and self._at_hand <= 0:
            self.should_stop = True

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """Log that the broker is away; stop without it where the process is to end."""
        log.warning("the broker is away, next try in %.1f s: %s", interval, exc)
        requested = dict(self._pending_remove_providers)
        self._pending_remove_providers.clear()
        for provider, removed in requested.items():
            self._consumers.pop(provider, None)
            removed.send()
        if requested and not self._consumers:
            raise QueueConsumerStopped
