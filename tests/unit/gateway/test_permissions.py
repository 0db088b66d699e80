"""Who may use a route is who may call its method: the proto says it for both."""

import importlib
import pkgutil
from collections.abc import Iterator
from uuid import uuid4

import pytest
from google.protobuf.descriptor import MethodDescriptor

from gateway.routes import ROUTES
from gateway.routing import Route
from shared.context import RequestContext
from shared.rpc.options import access_of
from shared.rpc.rules import PasswordChangeRequired

SERVICES = sorted({route.rpc.service for route in ROUTES})


def name_of(route: Route) -> str:
    return route.rpc.path.rsplit("/", 1)[1]


def methods_of(service: str) -> Iterator[MethodDescriptor]:
    """Every method that a service's protos state."""
    package = importlib.import_module(f"wangge.{service}.v1")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(f"{package.__name__}.{module.name}").DESCRIPTOR
            for each in file.services_by_name.values():
                yield from each.methods


@pytest.mark.parametrize("service", SERVICES)
def test_every_method_has_a_route_and_the_methods_own_rule(service: str) -> None:
    rules = {method.name: access_of(method) for method in methods_of(service)}
    routes = [route for route in ROUTES if route.rpc.service == service]

    assert {name_of(route) for route in routes} == set(rules)
    assert all(route.rule == rules[name_of(route)] for route in routes)


def test_who_must_change_a_password_may_do_nothing_else() -> None:
    context = RequestContext(
        county_id="t1",
        correlation_id="c",
        actor_id=uuid4(),
        roles=frozenset({"city_operator"}),
        capabilities={"staff": ("g:",), "read": ("g:",)},
        must_change_password=True,
    )
    admitted = set()
    for name, rule in ((name_of(route), route.rule) for route in ROUTES):
        if rule.anonymous:
            continue
        try:
            rule.admit(context, "t1", name)
        except PasswordChangeRequired:
            continue
        admitted.add(name)

    assert admitted == {"ChangePassword", "SignOut", "ListSessions", "EndSession"}
