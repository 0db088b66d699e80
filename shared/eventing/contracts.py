"""What a service emits and what it consumes, as data: the topology and the entrypoints read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema


class EventData(Schema):
    """Base of the schemas of event data. A tolerant reader: the producer may add fields."""

    class Meta:
        """Unknown fields are dropped on load."""

        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Emission:
    """One kind of event that a service emits: its routing key and the schema of its data.

    ``dump`` writes what the schema would, for events so large that the schema's own way is slow.
    """

    key: str
    schema: Schema
    dump: Callable[[Any], Mapping[str, Any]] | None = None

    def data_of(self, event: object) -> Any:
        """The event's data, as JSON can write it."""
        return self.schema.dump(event) if self.dump is None else self.dump(event)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of event that a service consumes."""

    source: str
    key: str
    schema: Schema

    def queue(self, consumer: str) -> str:
        """Name of the consumer's queue for it."""
        return f"{consumer}.{self.source}.{self.key}"


Events = Mapping[type[Any], Emission]
"""A service's ``EVENTS``: domain event class → how it travels."""


class PermanentError(Exception):
    """A handler's word that trying again cannot help: the event goes to the dead letters."""
