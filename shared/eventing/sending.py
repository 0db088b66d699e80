"""Sends single messages with publisher confirms: the outcome of each is known before the next."""

import threading
from collections.abc import Mapping
from typing import Any

import amqp
import kombu

from shared.eventing.envelope import CONTENT_TYPE

CONFIRM_TIMEOUT_SECONDS = 10.0
PERSISTENT = 2
COPIED = ("content_type", "message_id", "type")
"""Properties that a copy of a message keeps."""


class Sender:
    """Publishes one message at a time over a connection of its own, opened when first needed.

    After any failure the connection is dropped: a confirm that comes late must not be taken for
    that of the next message.
    """

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url
        self._lock = threading.Lock()
        self._connection: kombu.Connection | None = None

    def send(
        self, exchange: str, routing_key: str, body: bytes, properties: Mapping[str, Any]
    ) -> None:
        """Publish, and return once the broker has the message safely in a queue.

        Raises amqp's ChannelError where no queue takes it, and the connection's own errors.
        """
        message = amqp.Message(body, delivery_mode=PERSISTENT, **properties)
        with self._lock:
            used_before = self._connection is not None
            try:
                self._publish(message, exchange, routing_key)
            except (OSError, amqp.ConnectionError):
                self._drop()
                if not used_before:
                    raise
                self._once_more(message, exchange, routing_key)
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _publish(self, message: amqp.Message, exchange: str, routing_key: str) -> None:
        if self._connection is None:
            self._connection = kombu.Connection(
                self._amqp_url, connect_timeout=5, transport_options={"confirm_publish": True}
            )
            self._connection.connect()
        self._connection.default_channel.basic_publish(
            message,
            exchange,
            routing_key,
            mandatory=True,
            confirm_timeout=CONFIRM_TIMEOUT_SECONDS,
        )

    def _once_more(self, message: amqp.Message, exchange: str, routing_key: str) -> None:
        """Publish over a new connection: the old one may have broken long before it was used."""
        try:
            self._publish(message, exchange, routing_key)
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.release()


def copied_properties(message: Any, headers: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a received message's copy, with the headers given."""
    given = message.properties
    kept = {name: given[name] for name in COPIED if given.get(name)}
    return {"content_type": CONTENT_TYPE, **kept, "application_headers": dict(headers)}


def body_of(message: Any) -> bytes:
    """A received message's body; amqp has decoded it where its properties name an encoding."""
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)
