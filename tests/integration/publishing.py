"""Publish an event as another service's relay would, to a real broker."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import kombu

from shared.eventing.envelope import CONTENT_TYPE, Envelope


def publish(
    url: str,
    county_id: str,
    source: str,
    key: str,
    data: dict[str, Any],
    *,
    event_id: UUID | None = None,
) -> UUID:
    """Publish, and return the event's id; a queue must be there to take it."""
    event = Envelope(
        id=event_id or uuid4(),
        source=source,
        key=key,
        subject="subject",
        time=datetime.now(UTC),
        county_id=county_id,
        correlation_id="correlation",
        causation_id=None,
        traceparent=None,
        sequence=1,
        data=data,
    )
    with kombu.Connection(url, transport_options={"confirm_publish": True}) as connection:
        connection.Producer().publish(
            event.to_json(),
            exchange=f"{source}.events",
            routing_key=key,
            content_type=CONTENT_TYPE,
            content_encoding="binary",
            mandatory=True,
        )
    return event.id
