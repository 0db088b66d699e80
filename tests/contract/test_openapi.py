"""The description of the API is valid OpenAPI 3.1 and says what the table says."""

from html.parser import HTMLParser
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.docs import page
from gateway.openapi import describe
from gateway.pages_table import PAGES
from gateway.routes import ROUTES, SECTIONS
from gateway.routing import Route


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return describe(SECTIONS)


def operation_of(openapi: dict[str, Any], route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = openapi["paths"][route.path][route.method.lower()]
    return operation


def test_it_is_valid(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(openapi).iter_errors()) == []


def test_it_names_every_address_and_no_other(openapi: dict[str, Any]) -> None:
    stated = {(path, method) for path, each in openapi["paths"].items() for method in each}

    assert stated == {(route.path, route.method.lower()) for route in ROUTES} | {
        (each.path, "get") for each in PAGES
    }


def test_bodies_refuse_what_they_do_not_name(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        if route.body:
            content = operation_of(openapi, route)["requestBody"]["content"]
            schema = content["application/json"]["schema"]
            assert schema["additionalProperties"] is False
            assert set(schema["properties"]) == set(route.body().fields)


def test_the_permission_is_said(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        operation = operation_of(openapi, route)
        assert operation["security"] == ([] if route.is_public else [{"bearer": []}])
        if route.rule.capability:
            assert route.rule.capability in operation["description"]


def test_enums_and_formats_are_said(openapi: dict[str, Any]) -> None:
    listing = openapi["paths"]["/v1/counties/{county}/cases"]["get"]
    schemas = {each["name"]: each["schema"] for each in listing["parameters"]}
    submit = openapi["paths"]["/v1/counties/{county}/patrols:submit"]["post"]
    body = submit["requestBody"]["content"]["application/json"]["schema"]["properties"]

    assert "filed" in schemas["state"]["enum"]
    assert schemas["grid_id"]["format"] == "uuid"
    assert body["start_time"].items() >= {"type": "string", "format": "date-time"}.items()
    document = openapi["components"]["schemas"]["Scheme"]["properties"]["document"]
    assert document["type"] == ["object", "null"]


def test_every_refusal_is_a_problem(openapi: dict[str, Any]) -> None:
    for route in ROUTES:
        for status, response in operation_of(openapi, route)["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]


class Links(HTMLParser):
    """Anchors of a page, where its links lead, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.targets: set[str] = set()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if anchor := named.get("id"):
            self.anchors.add(anchor)
        if tag == "a" and (target := named.get("href")):
            self.targets.add(target)
        if tag in {"script", "link", "img", "iframe"}:
            self.loaded.append(tag)


def test_the_readable_page_stands_alone_and_its_links_lead_somewhere(
    openapi: dict[str, Any],
) -> None:
    links = Links()
    links.feed(page(openapi))

    assert links.loaded == []
    assert links.targets - {"/openapi.json"} <= {f"#{anchor}" for anchor in links.anchors}
    assert {f"schema-{name}" for name in openapi["components"]["schemas"]} <= links.anchors
