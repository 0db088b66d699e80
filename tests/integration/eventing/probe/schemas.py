"""What the probe emits and consumes: its own events."""

import os
from dataclasses import dataclass

from marshmallow import fields

from shared.eventing.contracts import Emission, EventData, Subscription


@dataclass(frozen=True, slots=True)
class ThingMade:
    thing: str


@dataclass(frozen=True, slots=True)
class ThingSeen:
    thing: str


@dataclass(frozen=True, slots=True)
class ThingLost:
    """Nobody consumes it, and no queue is made for it."""

    thing: str


class ThingData(EventData):
    thing = fields.String(required=True)


NAME = os.environ.get("PROBE_NAME", "probe")
EVENTS = {
    ThingMade: Emission("thing.made.v1", ThingData()),
    ThingSeen: Emission("thing.seen.v1", ThingData()),
    ThingLost: Emission("thing.lost.v1", ThingData()),
}
THING_MADE = Subscription(NAME, "thing.made.v1", ThingData())
THING_SEEN = Subscription(NAME, "thing.seen.v1", ThingData())
