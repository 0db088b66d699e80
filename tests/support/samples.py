"""Events made from their golden samples, and a check of the events in an outbox."""

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Engine, text

from shared.contracts.declare import declaration_of
from shared.eventing.contracts import Events, subscription_to

E = TypeVar("E")

SAMPLES = Path(__file__).parents[1] / "contract" / "events"


def sample_of(kind: Any) -> dict[str, Any]:
    """The data of the sample of an event's class."""
    data: dict[str, Any] = orjson.loads((SAMPLES / f"{declaration_of(kind).key}.json").read_bytes())
    return data


def event_of(kind: type[E], **changed: Any) -> E:
    """The event of the sample, with some of its values changed."""
    event: E = subscription_to(kind).read(sample_of(kind))
    return replace(event, **changed)  # type: ignore[type-var]


def odd_events(engine: Engine, events: Events) -> list[str]:
    """Events of a service's outbox that are not exactly what their contracts say."""
    kinds = {emission.key: (kind, emission) for kind, emission in events.items()}
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT key, body FROM outbox")).all()
    found = []
    for key, body in rows:
        kind, emission = kinds[key]
        data = orjson.loads(bytes(body))["data"]
        again = orjson.loads(orjson.dumps(emission.data_of(subscription_to(kind).read(data))))
        if again != data:
            found.append(f"{key}: {data} is written as {again}")
    return found
