"""Producers and consumers agree: on the data by golden samples, on the keys by their contracts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.prepare import contract_of
from deploy.processes import SERVICES

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


class Attributes:
    """Loaded data as the attributes of a domain event, for dumping."""

    def __init__(self, values):
        for name, value in values.items():
            setattr(self, name, Attributes(value) if isinstance(value, dict) else value)


def dumped_again(schema, document):
    """The document after it went through the schema once each way."""
    loaded = schema.load(document)
    dotted = any("." in (field.attribute or "") for field in schema.fields.values())
    return schema.dump(Attributes(loaded) if dotted else loaded)


@pytest.mark.parametrize("emission", EMISSIONS)
def test_a_producer_writes_exactly_the_sample(emission):
    document = sample(emission.key)

    assert dumped_again(emission.schema, document) == document
    assert set(document) == set(emission.schema.fields)


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
def test_a_consumer_reads_the_sample_and_what_a_producer_may_add_to_it(subscription):
    document = sample(subscription.key)
    expected = subscription.schema.load(document)

    read = subscription.schema.load({**document, "added_later": {"by": "the producer"}})

    assert read == expected
    assert read.keys() <= document.keys()


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
