"""What follows from an event's dataclass: how it is written and read."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
import pytest
from marshmallow import ValidationError

from shared.contracts.declare import Key, Length, declaration_of, event
from shared.eventing.contracts import consumes, emission_of, emits, schema_of, subscription_to

ROOT = Path(__file__).resolve().parents[3]
ID = UUID(int=7)
MOMENT = datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    from_id: Annotated[UUID, Key("from")]
    weight: float | None


@event("probe", "thing.made.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade:
    """A thing was made."""

    thing_id: UUID
    name: str
    count: int
    whole: bool
    weight: float
    made_at: datetime
    day: date | None
    about: Mapping[str, Any]
    kind: Literal["new", "old"]
    parts: Annotated[tuple[Part, ...], Length(1, 2)]
    ids: tuple[UUID, ...] = ()
    best: Part | None = None
    word: Annotated[str, "How it is called."] = "none"


@event("probe", "thing.seen.v1", plain=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ThingSeen:
    thing_id: UUID
    seen_at: datetime
    parts: tuple[UUID, ...]


MADE = ThingMade(
    thing_id=ID,
    name="水",
    count=2,
    whole=True,
    weight=0.5,
    made_at=MOMENT,
    day=None,
    about={"a": [1]},
    kind="new",
    parts=(Part(from_id=ID, weight=None),),
    ids=(ID,),
)
DATA = {
    "thing_id": str(ID),
    "name": "水",
    "count": 2,
    "whole": True,
    "weight": 0.5,
    "made_at": "2026-03-01T08:30:00+08:00",
    "day": None,
    "about": {"a": [1]},
    "kind": "new",
    "parts": [{"from": str(ID), "weight": None}],
    "ids": [str(ID)],
    "best": None,
    "word": "none",
}


def test_an_event_is_written_as_its_annotations_say():
    assert emission_of(ThingMade).key == "thing.made.v1"
    assert orjson.loads(orjson.dumps(emission_of(ThingMade).data_of(MADE))) == DATA


def test_a_consumer_reads_the_event_that_the_producer_wrote():
    subscription = subscription_to(ThingMade)

    assert (subscription.source, subscription.key) == ("probe", "thing.made.v1")
    assert subscription.queue("reader") == "reader.probe.thing.made.v1"
    assert subscription.read(DATA) == MADE
    with_best = {**DATA, "best": DATA["parts"][0], "parts": DATA["parts"] * 2}
    assert subscription.read(with_best).best == MADE.parts[0]
    assert subscription.read(with_best).parts == MADE.parts * 2


def test_a_reader_ignores_what_it_does_not_know_and_does_without_what_has_a_default():
    older = {name: DATA[name] for name in DATA if name not in ("ids", "best", "word")}
    parts = [{**DATA["parts"][0], "colour": "green"}]

    read = subscription_to(ThingMade).read({**older, "parts": parts, "colour": "green"})

    assert (read.ids, read.best, read.word) == ((), None, "none")
    assert read.parts == MADE.parts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thing_id", "no id"),
        ("thing_id", None),
        ("name", 7),
        ("count", "many"),
        ("whole", "perhaps"),
        ("weight", "heavy"),
        ("made_at", "2026-03-01T08:30:00"),
        ("day", "soon"),
        ("about", []),
        ("kind", "other"),
        ("parts", []),
        ("parts", [{"from": "no id", "weight": None}]),
        ("parts", DATA["parts"] * 3),
        ("ids", [None]),
        ("word", None),
    ],
)
def test_data_that_is_no_such_event_is_refused_by_name(name, value):
    with pytest.raises(ValidationError) as caught:
        subscription_to(ThingMade).read({**DATA, name: value})

    assert list(caught.value.messages) == [name]


@pytest.mark.parametrize("name", [name for name in DATA if name not in ("ids", "best", "word")])
def test_an_event_without_what_it_must_have_is_refused(name):
    with pytest.raises(ValidationError) as caught:
        subscription_to(ThingMade).read({key: DATA[key] for key in DATA if key != name})

    assert list(caught.value.messages) == [name]


def test_a_plain_event_is_written_as_its_schema_would():
    seen = ThingSeen(thing_id=ID, seen_at=datetime(2026, 3, 1, tzinfo=UTC), parts=(ID, ID))
    emission = emission_of(ThingSeen)

    written = orjson.loads(orjson.dumps(emission.data_of(seen)))

    assert written == emission.schema.dump(seen)
    assert subscription_to(ThingSeen).read(written) == seen


def test_a_service_states_its_events_by_their_classes():
    assert {kind: each.key for kind, each in emits(ThingMade, ThingSeen).items()} == {
        ThingMade: "thing.made.v1",
        ThingSeen: "thing.seen.v1",
    }
    assert consumes(ThingSeen) == (subscription_to(ThingSeen),)


def test_a_class_that_was_not_declared_is_no_event():
    with pytest.raises(KeyError):
        declaration_of(Part)


def test_a_type_that_no_event_carries_stops_the_process_at_start():
    @dataclass(frozen=True)
    class Odd:
        value: bytes

    with pytest.raises(TypeError, match="bytes"):
        schema_of(Odd)


LOADED = """
import importlib, json, pkgutil, sys, shared.contracts
for module in pkgutil.iter_modules(shared.contracts.__path__, "shared.contracts."):
    importlib.import_module(module.name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_the_contracts_load_no_framework():
    found = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )

    frameworks = {"eventlet", "google", "grpc", "marshmallow", "nameko", "sqlalchemy"}
    assert frameworks.isdisjoint(json.loads(found.stdout))
