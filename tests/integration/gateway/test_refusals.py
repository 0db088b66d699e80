"""What the gateway refuses, over real HTTP: nothing of it may reach a service."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.reading import MAX_BODY_BYTES
from gateway.routes import ROUTES
from tests.integration.gateway.conftest import COUNTY, Services, Tokens

CASES = f"/v1/counties/{COUNTY}/cases"
CASE_ID = "0190f0aa-0000-7000-8000-000000000001"
CASE = f"{CASES}/{CASE_ID}"
PATROLS = f"/v1/counties/{COUNTY}/patrols:submit"
PATROL: dict[str, Any] = {
    "client_id": "device-1",
    "grid_id": CASE_ID,
    "start_time": "2026-03-05T08:00:00+08:00",
    "end_time": "2026-03-05T09:00:00+08:00",
    "signature": {"sign_time": "2026-03-05T09:01:00+08:00"},
}


def problem(response: httpx.Response, status: int, reason: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["reason"] == reason
    assert body["status"] == status
    assert body["type"] == "/problems/" + reason.lower().replace("_", "-")
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def pointers(body: dict[str, Any]) -> set[str]:
    return {error["pointer"] for error in body["errors"]}


def test_an_address_that_is_not_there_is_404(http_client: httpx.Client) -> None:
    problem(http_client.get("/v1/nothing"), 404, "ROUTE_NOT_FOUND")


@pytest.mark.parametrize(
    "path", [f"{CASES}/42", f"{CASES}/{CASE_ID}:paint", f"{CASES}/{CASE_ID[:-1]}", "/v1/counties/ "]
)
def test_an_id_that_is_none_is_404(http_client: httpx.Client, signed_in: Tokens, path: str) -> None:
    problem(http_client.get(path, headers=signed_in("read")), 404, "ROUTE_NOT_FOUND")


def test_a_method_that_is_not_there_is_405_and_names_those_that_are(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    response = http_client.delete(CASE, headers=signed_in("read"))

    problem(response, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in response.headers["allow"]


def test_without_a_token_nothing_is_answered(http_client: httpx.Client, services: Services) -> None:
    response = http_client.get(CASES)

    problem(response, 401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert not services.received


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", "Bearer a.b.c"])
def test_a_token_that_is_none_of_ours_is_refused(http_client: httpx.Client, header: str) -> None:
    response = http_client.get(CASES, headers={"Authorization": header})

    assert response.status_code == 401
    assert response.json()["reason"] in {"TOKEN_INVALID", "UNAUTHENTICATED"}


def test_a_token_signed_by_another_key_is_refused(http_client: httpx.Client) -> None:
    response = http_client.get(CASES, headers=Tokens()("read"))

    problem(response, 401, "TOKEN_INVALID")


def test_an_expired_token_says_that_it_expired(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    response = http_client.get(CASES, headers=signed_in("read", age=timedelta(hours=1)))

    problem(response, 401, "TOKEN_EXPIRED")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_another_county_looks_like_none(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    response = http_client.get("/v1/counties/430223/cases", headers=signed_in("read"))

    problem(response, 404, "COUNTY_NOT_FOUND")
    assert not services.received


def test_a_capability_that_no_post_gives_is_403(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    response = http_client.post(f"{CASE}:close", headers=signed_in("read"), json={})

    problem(response, 403, "PERMISSION_DENIED")
    assert not services.received


def test_creating_a_county_is_for_the_city_alone(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    response = http_client.post("/v1/counties", headers=signed_in("configure"), json={})

    problem(response, 403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    "forged",
    [
        {"X-County": "430223"},
        {"X-County-Id": "430223"},
        {"X-User": str(uuid4())},
        {"X-User-Id": str(uuid4()), "X-Roles": "city_operator"},
    ],
)
def test_identity_in_headers_is_nobody(
    http_client: httpx.Client, signed_in: Tokens, services: Services, forged: dict[str, str]
) -> None:
    headers = signed_in("read") | forged

    assert http_client.get(CASES, headers=headers).status_code == 200
    assert services.last.request.county_id == COUNTY
    assert not {name for name in services.last.metadata if name.startswith(("x-county", "x-user"))}
    problem(http_client.get("/v1/counties", headers=headers), 403, "PERMISSION_DENIED")
    problem(http_client.get(CASES, headers=forged), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("name", ["county_id", "person_id", "request_id", "expected_version"])
def test_identity_in_the_body_is_an_unknown_field(
    http_client: httpx.Client, signed_in: Tokens, services: Services, name: str
) -> None:
    response = http_client.post(
        f"{CASE}:acknowledge", headers=signed_in("accept"), json={name: "x"}
    )

    assert pointers(problem(response, 400, "INVALID_ARGUMENT")) == {f"/{name}"}
    assert not services.received


def test_every_fault_is_told_at_once_with_its_place(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    body = {
        "client_id": 7,
        "grid_id": "not-a-uuid",
        "start_time": "2026-03-05T08:00:00",
        "findings": [{"category": "straw_burning", "longitude": "113", "colour": "red"}],
        "signature": {},
        "extra": 1,
    }

    response = http_client.post(PATROLS, headers=signed_in("patrol"), json=body)

    assert pointers(problem(response, 400, "INVALID_ARGUMENT")) == {
        "/client_id",
        "/grid_id",
        "/start_time",
        "/end_time",
        "/findings/0/description",
        "/findings/0/found_time",
        "/findings/0/longitude",
        "/findings/0/colour",
        "/signature/sign_time",
        "/extra",
    }


def test_faults_are_told_in_chinese_to_those_who_ask(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    headers = signed_in("patrol") | {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}

    response = http_client.post(PATROLS, headers=headers, json={"extra": 1})

    body = problem(response, 400, "INVALID_ARGUMENT")
    assert response.headers["content-language"] == "zh"
    assert body["title"] == "请求内容有误"
    assert all(not error["detail"].isascii() for error in body["errors"])


def test_english_is_spoken_unless_chinese_is_asked_for(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    headers = signed_in("patrol") | {"Accept-Language": "en,zh;q=0.5"}

    body = http_client.post(PATROLS, headers=headers, json={"extra": 1}).json()

    assert body["title"].isascii()
    assert all(error["detail"].isascii() for error in body["errors"])


@pytest.mark.parametrize("sent", [b"{", b'{"a":}', b"\xff\xfe", b"not json"])
def test_what_is_not_json_says_so(
    http_client: httpx.Client, signed_in: Tokens, sent: bytes
) -> None:
    headers = signed_in("patrol") | {"Content-Type": "application/json"}

    problem(http_client.post(PATROLS, headers=headers, content=sent), 400, "NOT_JSON")


@pytest.mark.parametrize("sent", [b"[]", b'"text"', b"null", b"1"])
def test_json_that_is_no_object_is_refused(
    http_client: httpx.Client, signed_in: Tokens, sent: bytes
) -> None:
    headers = signed_in("patrol") | {"Content-Type": "application/json"}

    problem(http_client.post(PATROLS, headers=headers, content=sent), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_form_than_json_is_415(
    http_client: httpx.Client, signed_in: Tokens, headers: dict[str, str]
) -> None:
    response = http_client.post(PATROLS, headers=signed_in("patrol") | headers, content=b"{}")

    problem(response, 415, "MEDIA_TYPE_NOT_SUPPORTED")


def test_a_body_over_the_limit_is_413(http_client: httpx.Client, signed_in: Tokens) -> None:
    headers = signed_in("patrol") | {"Content-Type": "application/json"}

    response = http_client.post(PATROLS, headers=headers, content=b" " * (MAX_BODY_BYTES + 1))

    problem(response, 413, "BODY_TOO_LARGE")


def test_a_body_over_the_limit_is_413_without_a_length_too(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    headers = signed_in("patrol") | {"Content-Type": "application/json"}
    chunks = (b" " * 65_536 for _ in range(17))

    response = http_client.post(PATROLS, headers=headers, content=chunks)

    problem(response, 413, "BODY_TOO_LARGE")


def test_a_body_in_chunks_is_read_to_its_end(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    headers = signed_in("accept") | {"Content-Type": "application/json"}
    chunks = iter([b'{"note": ', b'"in parts"}'])

    assert (
        http_client.post(f"{CASE}:acknowledge", headers=headers, content=chunks).status_code == 200
    )
    assert services.last.request.note == "in parts"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("page_size=many", "/page_size"),
        ("page_size=0", "/page_size"),
        ("page_size=501", "/page_size"),
        ("page_size=1&page_size=2", "/page_size"),
        ("state=lost", "/state"),
        ("grid_id=1", "/grid_id"),
        ("county_id=430223", "/county_id"),
        ("colour=red", "/colour"),
    ],
)
def test_a_wrong_query_names_its_field(
    http_client: httpx.Client, signed_in: Tokens, query: str, pointer: str
) -> None:
    response = http_client.get(f"{CASES}?{query}", headers=signed_in("read"))

    assert pointers(problem(response, 400, "INVALID_ARGUMENT")) == {pointer}


@pytest.mark.parametrize("key", [b"x" * 129, "中文".encode(), b"two words", b""])
def test_an_idempotency_key_we_cannot_keep_is_refused(
    http_client: httpx.Client, signed_in: Tokens, key: bytes
) -> None:
    token = signed_in("accept")["Authorization"].encode()
    headers = [(b"Authorization", token), (b"Idempotency-Key", key)]

    problem(
        http_client.post(f"{CASE}:acknowledge", headers=headers, json={}), 400, "HEADER_NOT_VALID"
    )


WITHOUT_KEY: dict[str, dict[str, Any]] = {
    "/v1/auth/token": {"county": COUNTY, "username": "a", "password": "b"},
    "/v1/auth/token:refresh": {"county": COUNTY, "refresh_token": "a"},
    "/v1/auth/token:exchange": {"county": COUNTY, "id_token": "a"},
    "/v1/auth/invitation:accept": {
        "county": COUNTY,
        "username": "a",
        "code": "b",
        "password": "c",
    },
    f"/v1/counties/{COUNTY}/scheme/draft:validate": {},
    f"/v1/counties/{COUNTY}/scheme/draft:impact": {},
    f"/v1/counties/{COUNTY}/people:look-up": {"phone": "13800000000"},
    f"/v1/counties/{COUNTY}/people/{CASE_ID}:reveal": {
        "fields": ["phone"],
        "reason": "核对联系方式",
    },
}
"""Addresses whose requests keep no key → a body that they take."""


@pytest.mark.parametrize("path", WITHOUT_KEY)
def test_a_key_that_would_protect_nothing_is_refused_before_anything_happens(
    http_client: httpx.Client, signed_in: Tokens, services: Services, path: str
) -> None:
    headers = signed_in("staff", "configure") | {"Idempotency-Key": "once"}

    body = problem(
        http_client.post(path, headers=headers, json=WITHOUT_KEY[path]), 400, "HEADER_NOT_VALID"
    )

    assert "Idempotency-Key" in body["detail"]
    assert services.received == []


def test_every_other_write_takes_a_key() -> None:
    without = {
        route.path for route in ROUTES if route.method == "POST" and not route.takes("request_id")
    }

    named = {
        path.replace(COUNTY, "{county}").replace(CASE_ID, "{person_id}") for path in WITHOUT_KEY
    }
    assert without == named


@pytest.mark.parametrize("version", ["3", 'W/"3"', '"three"', '"0"', '"1", "2"', '"-1"'])
def test_an_if_match_that_names_no_version_is_refused(
    http_client: httpx.Client, signed_in: Tokens, version: str
) -> None:
    headers = signed_in("accept") | {"If-Match": version}

    problem(
        http_client.post(f"{CASE}:acknowledge", headers=headers, json={}), 400, "HEADER_NOT_VALID"
    )


def test_if_match_where_nothing_has_a_version_is_not_ignored(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    headers = signed_in("patrol") | {"If-Match": '"1"'}

    problem(http_client.post(PATROLS, headers=headers, json=PATROL), 400, "HEADER_NOT_VALID")
    assert not services.received


def test_the_city_has_no_way_into_a_route_that_is_not_its_own(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    operator = signed_in(county_id="city", roles=("city_operator",))

    problem(http_client.get(CASES, headers=operator), 403, "PERMISSION_DENIED")
    assert http_client.get("/v1/counties", headers=operator).status_code == 200
    assert services.last.method == "ListCounties"
