"""The gateway's coarse permission refuses nobody whom the service would admit."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.routes import ROUTES
from shared.context import RequestContext
from shared.rpc.rules import PasswordChangeRequired, Rule

SERVICES = Path(__file__).parents[3] / "services"
WITH_SERVICER = sorted(
    {path.relative_to(SERVICES).parts[0] for path in SERVICES.glob("**/*servicer.py")}
)


def rules_of(service: str) -> dict[str, Rule]:
    """Every rule of a service's methods: its protos', or what its servicers state in their place."""
    stated = {
        route.rpc.path.rsplit("/", 1)[1]: route.rpc.rule
        for route in ROUTES
        if route.rpc.service == service and route.rpc.rule
    }
    return stated | written_rules_of(service)


def written_rules_of(service: str) -> dict[str, Rule]:
    """The rules that servicers state whose protos state none yet."""
    folder = Path(__file__).parents[3] / "services" / service
    modules = [
        importlib.import_module(".".join(path.relative_to(SERVICES.parent).with_suffix("").parts))
        for path in sorted(folder.glob("**/*servicer.py"))
    ]
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
        and (gateway.before_password_change or not service.before_password_change)
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


def test_who_must_change_a_password_may_do_nothing_else() -> None:
    context = RequestContext(
        county_id="t1",
        correlation_id="c",
        actor_id=uuid4(),
        roles=frozenset({"city_operator"}),
        capabilities={"staff": ("g:",), "read": ("g:",)},
        must_change_password=True,
    )
    rules = {name: rule for service in WITH_SERVICER for name, rule in rules_of(service).items()}
    admitted = set()
    for name, rule in rules.items():
        if rule.anonymous:
            continue
        try:
            rule.admit(context, "t1", name)
        except PasswordChangeRequired:
            continue
        admitted.add(name)

    assert admitted == {"ChangePassword", "SignOut", "ListSessions", "EndSession"}
