"""A consumer and a source of a test's own on the broker, so that tests share no queue."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import amqp
import kombu
from marshmallow import fields

from shared.eventing import topology
from shared.eventing.contracts import EventData, Subscription
from shared.eventing.envelope import CONTENT_TYPE, Envelope
from shared.ids import new_id


class NoteData(EventData):
    note = fields.String(required=True)


class Pair:
    """A source, a consumer of one of its events, and their queues."""

    def __init__(self, amqp_url: str) -> None:
        self.amqp_url = amqp_url
        self.source = f"source-{uuid4().hex[:8]}"
        self.consumer = f"consumer-{uuid4().hex[:8]}"
        self.subscription = Subscription(self.source, "note.written.v1", NoteData())
        self.queue = self.subscription.queue(self.consumer)
        self.contracts = [
            topology.Contract(self.source, {}, ()),
            topology.Contract(self.consumer, {}, (self.subscription,)),
        ]
        topology.declare(amqp_url, self.contracts, (1.0,))

    @contextmanager
    def channel(self) -> Iterator[amqp.Channel]:
        with kombu.Connection(self.amqp_url) as connection, connection.channel() as channel:
            yield channel

    def event(self, county_id: str = "t1", **given: Any) -> Envelope:
        values = {
            "id": new_id(),
            "source": self.source,
            "key": self.subscription.key,
            "subject": "note",
            "time": datetime.now(UTC),
            "county_id": county_id,
            "correlation_id": "test",
            "causation_id": None,
            "traceparent": None,
            "sequence": 1,
            "data": {"note": "巡查"},
        }
        return Envelope(**{**values, **given})

    def publish(
        self,
        exchange: str,
        key: str,
        body: bytes,
        headers: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Publish one persistent message and wait for its confirm."""
        message = amqp.Message(
            body,
            content_type=CONTENT_TYPE,
            delivery_mode=2,
            application_headers=headers or {},
            **more,
        )
        with self.channel() as channel:
            channel.confirm_select()
            channel.basic_publish_confirm(message, exchange, key, mandatory=True)

    def taken(self, queue: str) -> list[amqp.Message]:
        """Take all that is in a queue."""
        with self.channel() as channel:
            return list(iter(lambda: channel.basic_get(queue, no_ack=True), None))

    def remove(self) -> None:
        with self.channel() as channel:
            names = [self.queue, f"{self.consumer}.retry.1000ms", f"{self.source}.retry.1000ms"]
            for name in (*names, f"{self.consumer}.dlq", f"{self.source}.dlq"):
                channel.queue_delete(name)
            for service in (self.source, self.consumer):
                for suffix in ("events", "dlx", "retry.1000ms"):
                    channel.exchange_delete(f"{service}.{suffix}")
