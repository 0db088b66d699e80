"""The table of routes against the protos: nothing missing, nothing doubled, nothing odd."""

import importlib
from pathlib import Path

import pytest
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2

from gateway.routes import ROUTES
from gateway.routing import Route, rpcs
from shared.errors import Text
from shared.rpc.options import OptionError
from wangge.cases.v1 import case_service_pb2

PROTOS = Path(__file__).parents[3] / "proto"
CAPABILITIES = frozenset(
    {"read", "patrol", "report", "handle", "accept", "transfer", "accept_transfer", "verify"}
    | {"close", "enforce", "publish", "review", "assess", "configure", "staff", "lead", "notify"}
)
ids = [f"{route.method} {route.path}" for route in ROUTES]


def proto_services() -> list[ServiceDescriptor]:
    files = sorted(PROTOS.glob("wangge/*/v1/*_service.proto"))
    names = [
        str(file.relative_to(PROTOS)).removesuffix(".proto").replace("/", ".") for file in files
    ]
    modules = [importlib.import_module(f"{name}_pb2") for name in names]
    return [each for module in modules for each in module.DESCRIPTOR.services_by_name.values()]


def test_every_rpc_of_every_service_has_a_route() -> None:
    stated = {
        f"/{service.full_name}/{method.name}"
        for service in proto_services()
        for method in service.methods
    }

    assert len(stated) > 40
    assert stated == {route.rpc.path for route in ROUTES}


def test_every_rpc_is_asked_where_it_lives() -> None:
    for route in ROUTES:
        assert route.rpc.path.split(".")[1] == route.rpc.service


def test_no_two_routes_share_an_address_and_method() -> None:
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_a_route_is_sound(route: Route) -> None:
    assert route.method in {"GET", "POST"}
    assert (route.body is not None or route.rows is not None) == (route.method == "POST")
    assert (route.query is not None) == (route.method == "GET" or route.rows is not None)
    assert route.rule.capability is None or route.rule.capability in CAPABILITIES
    assert route.summary.en.isascii()
    assert not route.summary.zh.isascii()
    rule = route.rule
    assert rule.anonymous or rule.any_post or rule.capability or rule.city_roles


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_the_county_comes_from_the_path_alone(route: Route) -> None:
    if "{county}" in route.path:
        for schema in filter(None, (route.body, route.query)):
            assert "county_id" not in {
                field.attribute or name for name, field in schema().fields.items()
            }
    elif route.takes("county_id"):
        assert route.is_public or route.rpc.path.endswith("/CreateCounty")


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_every_member_of_a_request_can_be_given(route: Route) -> None:
    given = {"request_id", "expected_version"}
    given |= {"county_id" if name == "county" else name for name in route.path_fields}
    if route.rows:
        given |= {"rows", "dry_run"}
    for schema in filter(None, (route.body, route.query)):
        given |= {field.attribute or name for name, field in schema().fields.items()}

    assert {field.name for field in route.rpc.request.DESCRIPTOR.fields} <= given


def test_anyone_may_use_only_what_is_meant_for_all() -> None:
    assert {route.path for route in ROUTES if route.is_public} == {
        "/v1/auth/token",
        "/v1/auth/token:refresh",
        "/v1/auth/token:exchange",
        "/v1/auth/invitation:accept",
        "/public/v1/counties/{county}/publications",
        "/public/v1/counties/{county}/atom.xml",
        "/public/v1/counties/{county}/publications/{publication_id}",
    }


@pytest.mark.parametrize(
    ("path", "names", "show"),
    [
        ("/v1/cases/{case_id}:close", {"colour": "color"}, "case"),
        ("/v1/cases/{case_number}:close", {}, "case"),
        ("/v1/cases/{case_id}:close", {}, "file"),
    ],
)
def test_a_route_that_does_not_fit_its_rpc_is_refused_at_once(
    path: str, names: dict[str, str], show: str
) -> None:
    rpc = rpcs("cases", case_service_pb2, "CaseService")("CloseCase")

    with pytest.raises(ValueError, match="CloseCase"):
        Route("POST", path, rpc, Text("", ""), names=names, show=show)


def test_a_method_whose_proto_says_nothing_has_no_route() -> None:
    rpc = rpcs("health", health_pb2, "Health")

    with pytest.raises(OptionError, match=r"Health\.Check"):
        rpc("Check")
