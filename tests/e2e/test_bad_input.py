"""Whatever is wrong with a request is said in both languages, at its place, and nothing happens."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.reading import MAX_BODY_BYTES
from tests.e2e.platform import NEIGHBOUR, VILLAGE, Village, finding, patrol

pytestmark = pytest.mark.e2e

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOWHERE = "0190f0aa-0000-7000-8000-000000000001"
Json = Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is wrong in one way, and what must be said of it."""

    path: str
    status: int
    reason: str
    pointers: set[str] = field(default_factory=set)
    method: str = "POST"
    body: Json = None
    content: bytes | None = None
    who: str | None = "patroller"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, county: Village, language: str) -> httpx.Response:
        headers = {"Accept-Language": language, **self.headers}
        if self.who:
            headers.setdefault("Authorization", f"Bearer {county.people[self.who].token}")
        http = county.platform.http
        if self.content is not None:
            headers.setdefault("Content-Type", "application/json")
            return http.request(self.method, self.path, headers=headers, content=self.content)
        return http.request(self.method, self.path, headers=headers, json=self.body)


def submit(county: Village) -> str:
    return f"{county.base}/patrols:submit"


def unknown_fields(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE], finding(colour="red")) | {"weather": "晴"}
    return Asked(
        submit(county), 400, "INVALID_ARGUMENT", {"/weather", "/findings/0/colour"}, body=body
    )


def wrong_types(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE], finding(longitude="113.3")) | {"summary": 7}
    wanted = {"/summary", "/findings/0/longitude"}
    return Asked(submit(county), 400, "INVALID_ARGUMENT", wanted, body=body)


def missing_fields(county: Village) -> Asked:
    body = {"client_id": "device-7"}
    wanted = {"/grid_id", "/start_time", "/end_time", "/signature"}
    return Asked(submit(county), 400, "INVALID_ARGUMENT", wanted, body=body)


def a_category_that_the_county_has_not(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE], finding(), finding(category="moonlight"))
    return Asked(submit(county), 400, "INVALID_ARGUMENT", {"/findings/1/category"}, body=body)


def a_patrol_that_ends_before_it_starts(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE])
    body["start_time"], body["end_time"] = body["end_time"], body["start_time"]
    return Asked(submit(county), 400, "INVALID_ARGUMENT", {"/end_time"}, body=body)


def an_unknown_query(county: Village) -> Asked:
    return Asked(
        f"{county.base}/cases?colour=red&state=lost",
        400,
        "INVALID_ARGUMENT",
        {"/colour", "/state"},
        method="GET",
    )


def no_token(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE])
    return Asked(submit(county), 401, "UNAUTHENTICATED", body=body, who=None)


def an_expired_token(county: Village) -> Asked:
    token = county.platform.expired(str(county.people["patroller"].token))
    headers = {"Authorization": f"Bearer {token}"}
    body = patrol(county.grids[VILLAGE])
    return Asked(submit(county), 401, "TOKEN_EXPIRED", body=body, headers=headers)


def a_token_changed_on_the_way(county: Village) -> Asked:
    head, claims, signature = str(county.people["patroller"].token).split(".")
    headers = {"Authorization": f"Bearer {head}.{claims}x.{signature}"}
    body = patrol(county.grids[VILLAGE])
    return Asked(submit(county), 401, "TOKEN_INVALID", body=body, headers=headers)


def a_wrong_password(county: Village) -> Asked:
    body = {"county": county.county_id, "username": "patroller", "password": "not this one"}
    return Asked("/v1/auth/token", 401, "SIGN_IN_REFUSED", body=body, who=None)


def another_county(county: Village) -> Asked:
    path = submit(county).replace(county.county_id, "e2e-west")
    return Asked(path, 404, "COUNTY_NOT_FOUND", body=patrol(county.grids[VILLAGE]))


def an_unknown_county(county: Village) -> Asked:
    path = submit(county).replace(county.county_id, "nowhere")
    return Asked(path, 404, "COUNTY_NOT_FOUND", body=patrol(county.grids[VILLAGE]))


def a_grid_outside_ones_subtree(county: Village) -> Asked:
    return Asked(submit(county), 403, "PERMISSION_DENIED", body=patrol(county.grids[NEIGHBOUR]))


def a_grid_that_is_none(county: Village) -> Asked:
    return Asked(submit(county), 404, "GRID_NOT_FOUND", body=patrol(NOWHERE))


def a_post_without_the_capability(county: Village) -> Asked:
    body = {"name": "测试路人"}
    return Asked(f"{county.base}/people", 403, "PERMISSION_DENIED", body=body)


def a_step_that_the_state_does_not_allow(county: Village) -> Asked:
    path = f"{county.base}/cases/{any_case(county)}:close"
    return Asked(path, 409, "CASE_TRANSITION_NOT_ALLOWED", body={}, who="direct")


def a_case_that_is_none(county: Village) -> Asked:
    path = f"{county.base}/cases/{NOWHERE}:acknowledge"
    return Asked(path, 404, "CASE_NOT_FOUND", body={}, who="direct")


def a_version_that_is_past(county: Village) -> Asked:
    path = f"{county.base}/cases/{any_case(county)}:acknowledge"
    headers = {"If-Match": '"99"'}
    return Asked(path, 412, "STALE_VERSION", body={}, who="direct", headers=headers)


def a_body_over_the_limit(county: Village) -> Asked:
    content = b'{"summary": "' + b"x" * MAX_BODY_BYTES + b'"}'
    return Asked(submit(county), 413, "BODY_TOO_LARGE", content=content)


def a_body_that_is_not_json(county: Village) -> Asked:
    return Asked(submit(county), 400, "NOT_JSON", content=b'{"client_id": "device-7",')


def a_form_instead_of_json(county: Village) -> Asked:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Asked(
        submit(county), 415, "MEDIA_TYPE_NOT_SUPPORTED", content=b"client_id=7", headers=headers
    )


def an_unknown_address(county: Village) -> Asked:
    return Asked(f"{county.base}/moonlight", 404, "ROUTE_NOT_FOUND", body={})


def a_wrong_method(county: Village) -> Asked:
    path = f"{county.base}/cases/{any_case(county)}"
    return Asked(path, 405, "METHOD_NOT_ALLOWED", method="DELETE")


def a_key_that_cannot_be_kept(county: Village) -> Asked:
    body = patrol(county.grids[VILLAGE])
    headers = {"Idempotency-Key": "x" * 129}
    return Asked(submit(county), 400, "HEADER_NOT_VALID", body=body, headers=headers)


MISTAKES: tuple[Callable[[Village], Asked], ...] = (
    unknown_fields,
    wrong_types,
    missing_fields,
    a_category_that_the_county_has_not,
    a_patrol_that_ends_before_it_starts,
    an_unknown_query,
    no_token,
    an_expired_token,
    a_token_changed_on_the_way,
    a_wrong_password,
    another_county,
    an_unknown_county,
    a_grid_outside_ones_subtree,
    a_grid_that_is_none,
    a_post_without_the_capability,
    a_step_that_the_state_does_not_allow,
    a_case_that_is_none,
    a_version_that_is_past,
    a_body_over_the_limit,
    a_body_that_is_not_json,
    a_form_instead_of_json,
    an_unknown_address,
    a_wrong_method,
    a_key_that_cannot_be_kept,
)


@pytest.fixture(scope="module")
def county(east: Village, west: Village) -> Village:
    """A county with a case that has just been opened, beside another."""
    east.report()
    assert west.county_id == "e2e-west"
    return east


def any_case(county: Village) -> str:
    """A case that is reported and nothing more."""
    cases = county.admin.get(f"{county.base}/cases?state=reported").json["cases"]
    case_id: str = cases[0]["case_id"]
    return case_id


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_is_named_in_ones_language_and_changes_nothing(
    county: Village, mistake: Callable[[Village], Asked], language: str
) -> None:
    asked = mistake(county)
    before = everything(county)

    response = asked.send(county, language)

    problem = refusal(response, asked.status, asked.reason, language)
    assert {each["pointer"] for each in problem.get("errors", [])} == asked.pointers
    assert everything(county) == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_key_sent_again_gives_the_same_answer_and_with_another_body_none(
    county: Village, language: str
) -> None:
    headers = {"Idempotency-Key": f"key-{uuid4()}"}
    body = patrol(county.grids[VILLAGE])
    asked = Asked(submit(county), 422, "IDEMPOTENCY_KEY_REUSED", body=body, headers=headers)
    first = asked.send(county, language)
    assert first.status_code == 201, first.text
    before = everything(county)

    again = asked.send(county, language)
    other = Asked(asked.path, 422, asked.reason, body=body | {"summary": "别的"}, headers=headers)
    refused = other.send(county, language)

    assert (again.status_code, again.json()) == (201, first.json())
    refusal(refused, 422, "IDEMPOTENCY_KEY_REUSED", language)
    assert everything(county) == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_device_id_sent_again_is_the_same_patrol_and_with_other_content_a_conflict(
    county: Village, language: str
) -> None:
    body = patrol(county.grids[VILLAGE])
    asked = Asked(submit(county), 409, "PATROL_CLIENT_ID_TAKEN", body=body)
    first = asked.send(county, language)
    assert first.status_code == 201, first.text
    before = everything(county)

    again = asked.send(county, language)
    other = Asked(asked.path, 409, asked.reason, body=body | {"summary": "别的"})
    refused = other.send(county, language)

    assert (again.status_code, again.json()) == (201, first.json())
    refusal(refused, 409, "PATROL_CLIENT_ID_TAKEN", language)
    assert everything(county) == before


def test_more_faults_than_an_answer_holds_are_told_by_the_first_of_them(county: Village) -> None:
    findings = (finding(category="moonlight") for _ in range(50))
    body = patrol(county.grids[VILLAGE], *findings)

    response = Asked(submit(county), 400, "INVALID_ARGUMENT", body=body).send(county, "zh")

    told = refusal(response, 400, "INVALID_ARGUMENT", "zh")["errors"]
    assert 10 < len(told) < 50
    assert [each["pointer"] for each in told] == [
        f"/findings/{place}/category" for place in range(len(told))
    ]


def refusal(response: httpx.Response, status: int, reason: str, language: str) -> Json:
    """The problem, once it has the form that every refusal has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == language
    problem = response.json()
    assert (problem["status"], problem["reason"]) == (status, reason)
    assert problem["type"] == f"/problems/{reason.lower().replace('_', '-')}"
    assert problem["request_id"] == response.headers["x-request-id"]
    for said in (problem, *problem.get("errors", [])):
        for name in said.keys() & {"title", "detail"}:
            assert said[name]
            assert bool(CHINESE.search(said[name])) == (language == "zh"), said
    return problem


def everything(county: Village) -> dict[str, str]:
    """All that the county's administrator can list, byte for byte."""
    lists = ("cases", "grids", "patrols", "people", "posts", "register")
    return {name: county.admin.get(f"{county.base}/{name}?page_size=500").text for name in lists}
