"""The gateway's coarse permission refuses nobody whom the service would admit."""

import importlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.routes import ROUTES
from shared.rpc.rules import Rule

WITH_SERVICER = sorted(
    path.parent.name for path in (Path(__file__).parents[3] / "services").glob("*/servicer.py")
)


def rules_of(service: str) -> dict[str, Rule]:
    """Every rule that a service's servicers state, by method."""
    files = (Path(__file__).parents[3] / "services" / service).glob("*servicer.py")
    modules = [importlib.import_module(f"services.{service}.{file.stem}") for file in files]
    tables = [
        each for module in modules for each in vars(module).values() if isinstance(each, Mapping)
    ]
    return {
        str(method): rule
        for table in tables
        for method, rule in table.items()
        if isinstance(rule, Rule)
    }


def admits(gateway: Rule, service: Rule) -> bool:
    return (
        gateway.anonymous == service.anonymous
        and service.city_roles <= gateway.city_roles
        and (gateway.any_post or not service.any_post)
        and (gateway.any_post or service.capability in (None, gateway.capability))
    )


@pytest.mark.parametrize("service", WITH_SERVICER)
def test_whom_the_service_admits_the_gateway_lets_through(service: str) -> None:
    rules = rules_of(service)
    routes = [route for route in ROUTES if route.rpc.service == service]

    assert {route.rpc.path.rsplit("/", 1)[1] for route in routes} == set(rules)
    refused = [
        f"{route.method} {route.path}"
        for route in routes
        if not admits(route.rule, rules[route.rpc.path.rsplit("/", 1)[1]])
    ]
    assert refused == []
