"""The description of events is valid AsyncAPI 3.0, says what the services state, and is committed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from deploy.asyncapi import CLOUD_EVENT, describe, schemas, written
from deploy.prepare import contract_of
from deploy.processes import SERVICES
from shared.contracts.declare import declaration_of
from shared.eventing import topology
from shared.eventing.envelope import Envelope
from tests.deploy import tools

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "events"
CONTRACTS = [contract_of(service) for service in SERVICES]
KINDS = [kind for contract in CONTRACTS for kind in contract.events]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(describe(CONTRACTS)))


def resolved(document: dict[str, Any], reference: str) -> dict[str, Any]:
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [each for value in part.values() for each in references(value)]
    if isinstance(part, list):
        return [each for value in part for each in references(value)]
    return []


def test_what_is_committed_is_what_the_services_state(document: dict[str, Any]) -> None:
    committed = ROOT / "docs" / "asyncapi.yaml"

    assert committed.read_text("utf-8") == written(document), "run `make asyncapi`"
    assert yaml.safe_load(written(document)) == document


def test_it_is_valid_by_the_schema_that_its_authors_publish(document: dict[str, Any]) -> None:
    validator = Draft7Validator(tools.asyncapi_schema())

    assert [f"{e.json_path}: {e.message:.200}" for e in validator.iter_errors(document)] == []
    assert not validator.is_valid({**document, "operations": {"odd": {"action": "shout"}}})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)

    assert found
    for reference in found:
        assert isinstance(resolved(document, reference), dict)


def test_every_event_is_sent_by_its_service_through_its_exchange(document: dict[str, Any]) -> None:
    for contract in CONTRACTS:
        for kind in contract.events:
            key = declaration_of(kind).key
            sent = document["operations"][f"{contract.service}.sends.{key}"]
            channel = resolved(document, sent["channel"]["$ref"])
            assert sent["action"] == "send"
            assert channel["address"] == key
            exchange = channel["bindings"]["amqp"]["exchange"]
            assert exchange["name"] == topology.exchange(contract.service).name


def test_every_subscription_is_received_from_its_queue(document: dict[str, Any]) -> None:
    received = {
        resolved(document, each["channel"]["$ref"])["bindings"]["amqp"]["queue"]["name"]
        for each in document["operations"].values()
        if each["action"] == "receive"
    }

    assert received == {
        topology.queue(subscription, contract.service).name
        for contract in CONTRACTS
        for subscription in contract.consumes
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: declaration_of(kind).key)
def test_a_sample_is_what_the_description_says(document: dict[str, Any], kind: type[Any]) -> None:
    sample = json.loads((SAMPLES / f"{declaration_of(kind).key}.json").read_text("utf-8"))
    schema = {
        "$ref": f"#/components/schemas/{kind.__name__}",
        "components": document["components"],
    }
    validator = Draft202012Validator(schema, format_checker=FormatChecker())

    assert [error.message for error in validator.iter_errors(sample)] == []
    for name in schemas([kind])[kind.__name__]["required"]:
        without = {key: value for key, value in sample.items() if key != name}
        assert not validator.is_valid(without), name


def test_the_envelope_is_described_as_it_is_written() -> None:
    event = Envelope(
        id=uuid4(),
        source="patrols",
        key="patrol.submitted.v1",
        subject="1",
        time=datetime.now(UTC),
        county_id="430223",
        correlation_id="c",
        causation_id="e",
        traceparent="00-1-2-01",
        sequence=3,
        data={},
    )
    body = json.loads(event.to_json())
    lean = {name: body[name] for name in CLOUD_EVENT["required"]}

    assert set(body) == set(CLOUD_EVENT["properties"])
    for each in (body, lean):
        assert Draft202012Validator(CLOUD_EVENT).is_valid(each)
