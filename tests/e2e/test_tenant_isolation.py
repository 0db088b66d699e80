"""Two counties with equal names, codes and usernames, neither of which can tell the other is there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest

from deploy.demo.http import Api
from gateway.routes import ROUTES
from tests.e2e.everything import Known, one_of_everything
from tests.e2e.platform import NEIGHBOUR, TOWNSHIP, VILLAGE, Platform, Village, finding, patrol
from tests.support.waiting import LIMIT_SECONDS
from wangge.cases.v1 import case_service_pb2, case_service_pb2_grpc
from wangge.disclosure.v1 import disclosure_service_pb2, disclosure_service_pb2_grpc
from wangge.grid.v1 import tree_pb2, tree_service_pb2_grpc
from wangge.notifications.v1 import inbox_service_pb2, inbox_service_pb2_grpc
from wangge.patrols.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from wangge.personnel.v1 import people_service_pb2, people_service_pb2_grpc

pytestmark = pytest.mark.e2e

LISTS = {
    "grids": "grids",
    "people": "people",
    "posts": "posts",
    "patrols": "patrols",
    "cases": "cases",
    "register": "items",
    "inbox": "notices",
}
"""Address of a list → the member that holds it."""

NAMED_BY_PEOPLE = frozenset({"template_id", "indicator_id"})
"""Path fields that hold a name; every other but the county is the id of a thing."""


@pytest.fixture(scope="module")
def known(east: Village, west: Village) -> tuple[Known, Known]:
    return one_of_everything(east), one_of_everything(west)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_its_own_county_and_nothing_else(known: tuple[Known, Known], name: str) -> None:
    one, other = known
    who = {"inbox": "direct"}.get(name, "admin")
    mine, theirs = (
        each.county.people[who].get(f"{each.county.base}/{name}?page_size=500").json[LISTS[name]]
        for each in (one, other)
    )

    assert mine
    assert {entry["county_id"] for entry in mine} == {one.county.county_id}
    assert {entry["county_id"] for entry in theirs} == {other.county.county_id}


def test_both_counties_share_every_name_that_people_see(known: tuple[Known, Known]) -> None:
    one, other = (each.county for each in known)

    def seen(county: Village) -> Any:
        name = county.admin.get(county.base).json["name"]
        grids = county.admin.get(f"{county.base}/grids?page_size=500").json["grids"]
        people = county.admin.get(f"{county.base}/people").json["people"]
        return (
            name,
            {(grid["name"], grid["admin_code"], grid["path"]) for grid in grids},
            {person["name"] for person in people},
        )

    assert seen(one) == seen(other)
    assert set(one.grids.values()).isdisjoint(other.grids.values())


@pytest.mark.requirement("R-TEN-01")
def test_no_address_answers_or_changes_anything_for_another_county(
    known: tuple[Known, Known],
) -> None:
    """Every operation of the description, with the other's county and ids, and with own and ids."""
    one, other = known
    before = whole(other.county)
    refused, wrong = 0, []
    for operation in operations(one.county.platform):
        if not operation.path.startswith("/v1/counties/{county}"):
            continue
        for county in (other.county, one.county):
            if county is one.county and not operation.names_a_thing:
                continue  # the caller's own list
            answer = operation.ask(one.county.platform.http, one.county.admin, county, other.ids)
            if answer.status_code in {401, 403, 404}:
                refused += 1
            else:
                wrong.append((operation.method, operation.path, county.county_id, answer.text))

    assert wrong == []
    assert refused > 40
    assert whole(other.county) == before


def test_what_is_public_is_under_its_own_county_alone(known: tuple[Known, Known]) -> None:
    one, other = known
    http = one.county.platform.http
    base = f"/public/v1/counties/{one.county.county_id}/publications"

    listed = http.get(base).json()["publications"]

    assert [each["publication_id"] for each in listed] == [one.ids["publication_id"]]
    assert http.get(f"{base}/{other.ids['publication_id']}").status_code == 404


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one address of the description, with a body that it would take."""

    method: str
    path: str
    body: Any

    @property
    def names_a_thing(self) -> bool:
        return any(name not in {"county", *NAMED_BY_PEOPLE} for name in self._fields)

    @property
    def _fields(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def ask(
        self, http: httpx.Client, who: Api, county: Village, ids: dict[str, str]
    ) -> httpx.Response:
        values = {**ids, "county": county.county_id, "indicator_id": "on_time_rate"}
        path = self.path.format(**values)
        headers = {"Authorization": f"Bearer {who.token}"}
        if self.method == "GET":
            return http.get(path, headers=headers)
        if isinstance(self.body, str):
            headers["Content-Type"] = "text/csv"
            return http.post(path, headers=headers, content=self.body)
        return http.post(path, headers=headers, json=self.body)


def operations(platform: Platform) -> Iterator[Operation]:
    description = platform.http.get("/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            body = FILES[path] if "text/csv" in content and method == "post" else sample(schema)
            yield Operation(method.upper(), path, body)


FILES = {
    route.path: ",".join(route.rows.columns) + "\n" + ",".join("1" for _ in route.rows.columns)
    for route in ROUTES
    if route.rows
}
"""Addresses that take a file, with one of a row that they would read."""


def sample(schema: Any) -> Any:
    """The smallest value that a schema of a body allows."""
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        return {name: sample(schema["properties"][name]) for name in wanted}
    if kind == "array":
        return [sample(schema["items"]) for _ in range(schema.get("minItems", 1))]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 0) + 1 if "maximum" not in schema else schema["maximum"]
    if kind == "boolean":
        return True
    if "enum" in schema:
        return schema["enum"][0]
    known = {"uuid": str(uuid4()), "date-time": "2026-03-05T08:00:00Z", "date": "2026-03-05"}
    return known.get(schema.get("format"), TOWNSHIP)


def whole(county: Village) -> Any:
    """All that the county's administrator can list, byte for byte."""
    return {name: county.admin.get(f"{county.base}/{name}?page_size=500").text for name in LISTS}


OUTSIDE = {
    "a case": lambda known: f"cases/{known.ids['case_id']}",
    "its history": lambda known: f"cases/{known.ids['case_id']}/history",
    "a patrol": lambda known: f"patrols/{known.ids['patrol_id']}",
    "a ledger": lambda known: f"ledgers/{known.ids['patroller_id']}:verify",
    "a grid": lambda known: f"grids/{known.ids['grid_id']}",
    "who is responsible": lambda known: f"grids/{known.ids['grid_id']}/responsible",
    "an item": lambda known: f"register/{known.ids['item_id']}",
    "patrols of a grid": lambda known: f"patrols?grid_id={known.ids['grid_id']}",
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_beyond_ones_own_village_is_forbidden(known: tuple[Known, Known], what: str) -> None:
    county = known[0].county

    answer = county.people["neighbour"].get(f"{county.base}/{OUTSIDE[what](known[0])}", expect=403)

    assert answer.json["status"] == 403


def test_a_list_of_the_neighbours_cases_is_empty(known: tuple[Known, Known]) -> None:
    county = known[0].county
    path = f"{county.base}/cases?grid_id={county.grids[VILLAGE]}"

    assert county.people["neighbour"].get(path).json["cases"] == []
    assert county.people["patroller"].get(path).json["cases"] != []


def test_a_patrol_of_the_neighbours_village_is_forbidden(east: Village) -> None:
    body = patrol(east.grids[NEIGHBOUR], finding())

    east.people["patroller"].post(f"{east.base}/patrols:submit", body, expect=403)


@pytest.mark.parametrize(
    "forged", ["X-County", "X-County-Id", "X-User-Id", "X-Person-Id", "X-Forwarded-User"]
)
def test_a_forged_header_gets_nowhere(known: tuple[Known, Known], forged: str) -> None:
    one, other = known
    http = one.county.platform.http
    values = (other.county.county_id, other.ids["person_id"])
    signed_in = {"Authorization": f"Bearer {one.county.admin.token}"}

    for value in values:
        theirs = http.get(f"{other.county.base}/cases", headers={**signed_in, forged: value})
        mine = http.get(f"{one.county.base}/cases", headers={**signed_in, forged: value})
        nobody = http.get(f"{other.county.base}/cases", headers={forged: value})

        assert (theirs.status_code, mine.status_code, nobody.status_code) == (404, 200, 401)
        assert {case["county_id"] for case in mine.json()["cases"]} == {one.county.county_id}


def test_a_county_in_the_body_is_refused_by_name(known: tuple[Known, Known]) -> None:
    one, other = known
    body = {**patrol(one.county.grids[VILLAGE]), "county_id": other.county.county_id}
    patroller = one.county.people["patroller"]

    answer = patroller.post(f"{one.county.base}/patrols:submit", body, expect=400)

    assert [each["pointer"] for each in answer.json["errors"]] == ["/county_id"]


def test_the_city_reads_counts_of_counties_but_no_case(known: tuple[Known, Known]) -> None:
    one, _ = known
    operator = one.county.platform.operator

    operator.get(f"{one.county.base}/cases/{one.ids['case_id']}", expect=403)
    operator.get(f"{one.county.base}/people", expect=403)


DIRECT = {
    "cases": (
        lambda channel: case_service_pb2_grpc.CaseServiceStub(channel).GetCase,
        lambda county, ids: case_service_pb2.GetCaseRequest(
            county_id=county, case_id=ids["case_id"]
        ),
    ),
    "patrols": (
        lambda channel: ledger_service_pb2_grpc.PatrolServiceStub(channel).GetPatrol,
        lambda county, ids: ledger_service_pb2.GetPatrolRequest(
            county_id=county, patrol_id=ids["patrol_id"]
        ),
    ),
    "grid": (
        lambda channel: tree_service_pb2_grpc.GridServiceStub(channel).GetGrid,
        lambda county, ids: tree_pb2.GetGridRequest(county_id=county, grid_id=ids["grid_id"]),
    ),
    "personnel": (
        lambda channel: people_service_pb2_grpc.PersonnelServiceStub(channel).GetPerson,
        lambda county, ids: people_service_pb2.GetPersonRequest(
            county_id=county, person_id=ids["person_id"]
        ),
    ),
    "disclosure": (
        lambda channel: disclosure_service_pb2_grpc.DisclosureServiceStub(channel).GetRegisterItem,
        lambda county, ids: disclosure_service_pb2.GetRegisterItemRequest(
            county_id=county, item_id=ids["item_id"]
        ),
    ),
    "notifications": (
        lambda channel: inbox_service_pb2_grpc.InboxServiceStub(channel).ConfirmNotice,
        lambda county, ids: inbox_service_pb2.ConfirmNoticeRequest(
            county_id=county, notice_id=ids["notice_id"]
        ),
    ),
}
"""Service → one of its methods, and a request for one thing of a county."""


@pytest.mark.parametrize("service", DIRECT)
def test_a_service_reached_past_the_gateway_asks_for_the_token_itself(
    known: tuple[Known, Known], service: str
) -> None:
    one, other = known
    method, request = DIRECT[service]
    theirs = request(other.county.county_id, other.ids)
    as_own = request(one.county.county_id, other.ids)
    unnamed = request("", other.ids)
    token = [("authorization", f"Bearer {one.county.admin.token}")]
    expired = one.county.platform.expired(str(other.county.admin.token))

    with grpc.insecure_channel(one.county.platform.grpc_address(service)) as channel:
        call = method(channel)
        assert code_of(call, theirs, []) == "UNAUTHENTICATED"
        assert code_of(call, theirs, [("x-county", other.county.county_id)]) == "UNAUTHENTICATED"
        assert code_of(call, theirs, [("authorization", f"Bearer {expired}")]) == "UNAUTHENTICATED"
        assert code_of(call, theirs, token) == "NOT_FOUND"
        assert code_of(call, as_own, token) == "NOT_FOUND"
        assert code_of(call, unnamed, token) == "NOT_FOUND"


def code_of(call: Any, request: Any, metadata: list[tuple[str, str]]) -> str:
    try:
        call(request, timeout=LIMIT_SECONDS, metadata=metadata)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"
