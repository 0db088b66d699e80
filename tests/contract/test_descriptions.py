"""Every parameter and every field of the API says what it means and shows an example."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

from gateway.openapi import describe
from gateway.routes import ROUTES, SECTIONS

SERVICES = sorted({route.rpc.service for route in ROUTES})


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return describe(SECTIONS)


def lacking(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """What a member's schema does not say: its meaning, or a value of it."""
    if not schema.get("description"):
        yield f"{name}: no description"
    kind = schema.get("items", schema)
    if "properties" in kind:
        for inner, below in kind["properties"].items():
            yield from lacking(f"{name}.{inner}", below)
    elif "$ref" not in str(kind) and not schema.get("examples") and "enum" not in kind:
        yield f"{name}: no example"


def lacking_in_requests(openapi: dict[str, Any], service: str) -> Iterator[str]:
    for route in (each for each in ROUTES if each.rpc.service == service):
        operation = openapi["paths"][route.path][route.method.lower()]
        for each in operation["parameters"]:
            said = each["schema"] | {"description": each.get("description")}
            yield from lacking(f"{route.method} {route.path} {each['name']}", said)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for name, schema in (body["schema"]["properties"] if body else {}).items():
            yield from lacking(f"{route.method} {route.path} {name}", schema)


def lacking_in_answers(openapi: dict[str, Any], service: str) -> Iterator[str]:
    names = {
        message.name
        for route in ROUTES
        if route.rpc.service == service
        for message in messages_of(route.shown)
    }
    for name in sorted(names):
        schema = openapi["components"]["schemas"].get(name, {})
        for member, below in schema.get("properties", {}).items():
            yield from lacking(f"{name}.{member}", below)


def messages_of(message: Descriptor, seen: set[str] | None = None) -> Iterator[Descriptor]:
    seen = set() if seen is None else seen
    if message.full_name in seen or message.full_name.startswith("google."):
        return
    seen.add(message.full_name)
    yield message
    for field in message.fields:
        if field.message_type is not None:
            yield from messages_of(field.message_type, seen)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_lacks_a_meaning_or_an_example(openapi: dict[str, Any], service: str) -> None:
    found = [*lacking_in_requests(openapi, service), *lacking_in_answers(openapi, service)]

    assert found == []
