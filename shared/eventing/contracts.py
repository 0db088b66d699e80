"""What a service emits and what it consumes, as data: the topology and the entrypoints read it."""

from collections.abc import Mapping
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
    """One kind of event that a service emits: its routing key and the schema of its data."""

    key: str
    schema: Schema


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
