"""Producers and consumers agree: on the data by golden samples, on the keys by their contracts."""

import json
import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import orjson
import pytest

from deploy.prepare import contract_of
from deploy.processes import SERVICES
from shared.contracts.declare import declaration_of
from shared.eventing.contracts import subscription_to

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "events"
PERSONAL = ("name", "phone", "identity", "mobile", "email")
PUBLIC_NAMES = {"county.created.v1", "grid.changed.v1", "scheme.published.v1"}
"""Their names are those of places, roles and rules."""

CONTRACTS = {service: contract_of(service) for service in SERVICES}
EMISSIONS = [
    pytest.param(emission, id=emission.key)
    for contract in CONTRACTS.values()
    for emission in contract.events.values()
]
EMITTED = [
    pytest.param(kind, emission, id=emission.key)
    for contract in CONTRACTS.values()
    for kind, emission in contract.events.items()
]
SUBSCRIPTIONS = [
    pytest.param(subscription, id=subscription.queue(service))
    for service, contract in CONTRACTS.items()
    for subscription in contract.consumes
]
HANDLED = """
import shared.eventing.patch
import importlib, inspect, json
from shared.eventing.entrypoint import EventEntrypoint
module = importlib.import_module("services.{service}.handlers")
classes = [c for _, c in inspect.getmembers(module, inspect.isclass)
           if c.__module__ == module.__name__ and getattr(c, "name", None) == "{service}"]
assert len(classes) == 1, classes
print(json.dumps([
    [entrypoint.subscription.source, entrypoint.subscription.key]
    for _, method in inspect.getmembers(classes[0], inspect.isfunction)
    for entrypoint in getattr(method, "nameko_entrypoints", ())
    if isinstance(entrypoint, EventEntrypoint)
]))
"""


def sample(key):
    path = SAMPLES / f"{key}.json"
    assert path.exists(), f"write {path.relative_to(ROOT)}, a sample of the event's data"
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize(("kind", "emission"), EMITTED)
def test_a_producer_writes_exactly_the_sample(kind, emission):
    document = sample(emission.key)
    event = subscription_to(kind).read(document)

    assert isinstance(event, kind)
    assert json.loads(orjson.dumps(emission.data_of(event))) == document
    assert json.loads(orjson.dumps(emission.schema.dump(event))) == document
    assert set(document) == {field.name for field in fields(kind)}


@pytest.mark.parametrize(("kind", "emission"), EMITTED)
def test_an_event_is_emitted_by_the_service_that_its_contract_names(kind, emission):
    declared = declaration_of(kind)

    assert kind.__module__ == f"shared.contracts.{declared.source}"
    assert kind in CONTRACTS[declared.source].events
    assert emission.key == declared.key


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
def test_a_consumer_reads_the_sample_and_what_a_producer_may_add_to_it(subscription):
    document = sample(subscription.key)
    read = subscription.read({**document, "added_later": {"by": "the producer"}})

    assert read == subscription.read(document)
    assert isinstance(read, subscription.kind)


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
def test_a_consumer_reads_an_event_from_before_its_later_fields(subscription):
    later = [f.name for f in fields(subscription.kind) if f.default is not MISSING]
    document = {
        name: value for name, value in sample(subscription.key).items() if name not in later
    }

    read = subscription.read(document)

    assert [getattr(read, f.name) for f in fields(read) if f.name in later] == [
        f.default for f in fields(read) if f.name in later
    ]


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
def test_what_is_consumed_is_emitted_by_its_source(subscription):
    emitted = {emission.key for emission in CONTRACTS[subscription.source].events.values()}

    assert subscription.key in emitted


@pytest.mark.parametrize("service", SERVICES)
def test_each_subscription_has_exactly_one_handler(service):
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HANDLED.format(service=service)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stderr
    handled = sorted(map(tuple, json.loads(found.stdout)))
    assert handled == sorted((each.source, each.key) for each in CONTRACTS[service].consumes)


def test_every_sample_is_one_of_an_event():
    keys = {emission.key for each in CONTRACTS.values() for emission in each.events.values()}

    assert {path.name.removesuffix(".json") for path in SAMPLES.glob("*.json")} == keys


def test_the_table_of_events_names_each_with_its_fields():
    rows = {}
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for line in text.splitlines():
        keys = (
            re.findall(r"`([a-z-]+\.[a-z-]+\.v[0-9]+)`", line.split("|")[1])
            if line.startswith("| `")
            else []
        )
        rows |= dict.fromkeys(keys, line)
    kinds = {
        emission.key: kind for each in CONTRACTS.values() for kind, emission in each.events.items()
    }

    assert rows.keys() == kinds.keys()
    for key, kind in kinds.items():
        if not key.startswith("case."):
            assert [f.name for f in fields(kind) if f.name not in rows[key]] == [], key


@pytest.mark.parametrize(
    "emission",
    [each for each in EMISSIONS if each.id not in {"contact.changed.v1", *PUBLIC_NAMES}],
)
def test_no_event_but_the_contact_names_a_person(emission):
    smelling = [
        name
        for name in _keys(sample(emission.key))
        if any(part in name.split("_") for part in PERSONAL)
    ]

    assert smelling == []


def test_the_contact_reaches_notifications_alone():
    readers = [
        service
        for service, contract in CONTRACTS.items()
        for subscription in contract.consumes
        if subscription.key == "contact.changed.v1"
    ]

    assert readers == ["notifications"]


def _keys(document):
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from _keys(value)
    if isinstance(document, list):
        for value in document:
            yield from _keys(value)
