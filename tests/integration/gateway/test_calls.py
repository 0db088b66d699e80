"""What reaches the services, and what comes back from them, over real HTTP and gRPC."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from shared import errors
from shared.errors import Text, Violation
from tests.integration.gateway.conftest import COUNTY, NOT_SERVING, Services, Start, Tokens
from tests.integration.gateway.test_refusals import CASE, CASE_ID, CASES, PATROL, PATROLS, problem
from tests.integration.gateway_process import Process
from wangge.cases.v1 import case_pb2, case_service_pb2
from wangge.disclosure.v1 import disclosure_service_pb2, publications_pb2
from wangge.grid.v1 import counties_pb2, schemes_pb2
from wangge.patrols.v1 import ledger_pb2, ledger_service_pb2
from wangge.personnel.v1 import auth_service_pb2

ATOM = "{http://www.w3.org/2005/Atom}"


def a_case(**members: Any) -> case_service_pb2.GetCaseResponse:
    return case_service_pb2.GetCaseResponse(
        case=case_pb2.Case(county_id=COUNTY, case_id=CASE_ID, version=3, **members)
    )


def test_a_case_is_shown_as_the_contract_says(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer(
        "GetCase",
        a_case(
            state=case_pb2.CASE_STATE_FILED,
            open_time=datetime(2026, 3, 5, 1, tzinfo=UTC),
            clocks=[case_pb2.Clock(kind="dispose")],
        ),
    )

    response = http_client.get(CASE, headers=signed_in("read"))

    body = response.json()
    assert response.status_code == 200
    assert response.headers["etag"] == '"3"'
    assert body["state"] == "filed"
    assert body["open_time"] == "2026-03-05T01:00:00Z"
    assert body["close_time"] is None
    assert body["longitude"] is None
    assert body["version"] == 3
    assert body["clocks"][0]["kind"] == "dispose"


def test_whoever_has_this_version_gets_304(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("GetCase", a_case())

    same = http_client.get(CASE, headers=signed_in("read") | {"If-None-Match": '"3"'})
    older = http_client.get(CASE, headers=signed_in("read") | {"If-None-Match": '"2"'})

    assert (same.status_code, same.content) == (304, b"")
    assert older.status_code == 200


def test_the_token_and_the_ids_go_along(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = signed_in("read") | {"X-Correlation-Id": "patrol-app-42", "traceparent": trace}

    response = http_client.get(CASES, headers=headers)

    assert services.last.metadata["authorization"] == headers["Authorization"]
    assert services.last.metadata["x-correlation-id"] == "patrol-app-42"
    assert services.last.metadata["traceparent"] == trace
    assert response.headers["x-correlation-id"] == "patrol-app-42"
    assert response.headers["x-request-id"] == "patrol-app-42"


@pytest.mark.parametrize("given", ["", "short", "x" * 129, "with spaces in it", '{"$ne": 1}'])
def test_an_insane_correlation_id_is_replaced(http_client: httpx.Client, given: str) -> None:
    response = http_client.get("/healthz", headers={"X-Correlation-Id": given})

    assert response.headers["x-correlation-id"] not in {given, ""}


def test_a_patrol_reaches_the_service_whole(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer(
        "SubmitPatrol",
        ledger_service_pb2.SubmitPatrolResponse(
            patrol=ledger_pb2.Patrol(county_id=COUNTY, patrol_id=CASE_ID)
        ),
    )
    finding = {
        "category": "straw_burning",
        "description": "田间露天焚烧",
        "found_time": "2026-03-05T08:30:00.5+08:00",
        "longitude": 113.38,
    }
    headers = signed_in("patrol") | {"Idempotency-Key": "device-1-7"}

    response = http_client.post(PATROLS, headers=headers, json=PATROL | {"findings": [finding]})

    request = services.last.request
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"/v1/counties/{COUNTY}/patrols/{CASE_ID}"
    assert (request.county_id, request.request_id) == (COUNTY, "device-1-7")
    assert request.start_time == Timestamp(seconds=1772668800)
    assert request.findings[0].found_time.nanos == 500_000_000
    assert request.findings[0].longitude == pytest.approx(113.38)
    assert not request.findings[0].HasField("latitude")


def test_a_write_without_a_key_still_gets_one_so_that_retries_are_harmless(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    for _ in range(2):
        http_client.post(f"{CASE}:acknowledge", headers=signed_in("accept"), json={})

    first, second = (call.request.request_id for call in services.received)
    assert first
    assert first != second


def test_if_match_becomes_the_expected_version(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    headers = signed_in("accept") | {"If-Match": '"7"'}

    http_client.post(f"{CASE}:acknowledge", headers=headers, json={"note": "受理"})

    assert services.last.request.expected_version == 7
    assert services.last.request.note == "受理"


def test_a_step_without_anything_to_say_needs_no_body(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    assert http_client.post(f"{CASE}:close", headers=signed_in("close")).status_code == 200
    assert services.last.request.case_id == CASE_ID


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidArgument(), 400),
        (errors.Unauthenticated(), 401),
        (errors.PermissionDenied(capability="close"), 403),
        (errors.NotFound(kind="case", id=CASE_ID), 404),
        (errors.AlreadyExists(kind="case", id=CASE_ID), 409),
        (errors.FailedPrecondition(), 409),
        (errors.Aborted(expected=2, actual=3), 409),
        (errors.IdempotencyKeyReused(), 422),
        (errors.ResourceExhausted(retry_after=30), 429),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_service_s_refusal_is_a_problem(
    http_client: httpx.Client,
    signed_in: Tokens,
    services: Services,
    error: errors.DomainError,
    status: int,
) -> None:
    services.answer("CloseCase", error)

    response = http_client.post(f"{CASE}:close", headers=signed_in("close"), json={})

    body = problem(response, status, error.reason)
    assert body["title"] == error.title.en
    assert body["detail"] == error.text.en
    assert body["domain"] == "cases.wangge"
    assert response.headers.get("retry-after") == ("30" if status == 429 else None)


def test_a_service_s_refusal_speaks_chinese_too(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    fault = Violation("/reason", Text("Say why.", "请说明理由。"))
    services.answer("RejectCase", errors.InvalidArgument(violations=[fault]))
    headers = signed_in("accept") | {"Accept-Language": "zh"}

    response = http_client.post(f"{CASE}:reject", headers=headers, json={"reason": "x"})

    body = problem(response, 400, "INVALID_ARGUMENT")
    assert body["title"] == errors.InvalidArgument.title.zh
    assert body["errors"] == [{"pointer": "/reason", "detail": "请说明理由。"}]


def test_a_stale_version_is_412_for_those_who_sent_one(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("CloseCase", errors.Aborted(expected=2, actual=3))
    headers = signed_in("close") | {"If-Match": '"2"'}

    problem(http_client.post(f"{CASE}:close", headers=headers, json={}), 412, errors.Aborted.reason)


def test_a_fault_of_a_service_tells_nothing_of_it(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("GetCase", ValueError("password=hunter2"))

    response = http_client.get(CASE, headers=signed_in("read"))

    problem(response, 500, "INTERNAL")
    assert "hunter2" not in response.text


def test_services_that_are_gone_make_503(start: Start, signed_in: Tokens) -> None:
    lonely = start(CASES_GRPC_ADDR="127.0.0.1:9", GRID_GRPC_ADDR="127.0.0.1:9")

    problem(httpx.get(lonely.url + CASE, headers=signed_in("read")), 503, "PEER_UNAVAILABLE")
    report = httpx.get(f"{lonely.url}/health").json()
    assert report["status"] == "degraded"
    assert (report["services"]["cases"], report["services"]["patrols"]) == ("down", "ok")


def test_health_gathers_every_service(http_client: httpx.Client, services: Services) -> None:
    services.health.set("broker", NOT_SERVING)

    report = http_client.get("/health")

    assert report.status_code == 200
    assert set(report.json()["services"]) == {
        "grid", "personnel", "patrols", "cases", "notifications", "disclosure", "assessment",
    }  # fmt: skip
    assert report.json()["status"] in {"ok", "degraded"}


def test_a_county_is_made_with_its_settings_as_a_document(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer(
        "CreateCounty",
        counties_pb2.CreateCountyResponse(
            county=counties_pb2.County(county_id="430223", state=counties_pb2.COUNTY_STATE_ACTIVE),
            scheme=schemes_pb2.Scheme(version=1, document_json='{"levels":[]}'),
        ),
    )
    body = {
        "county_id": "430223",
        "name": "某县",
        "template_id": "youxian",
        "settings": {"features": {"photo": False}},
        "effective_on": "2026-01-01",
    }
    operator = signed_in(county_id="city", roles=("city_operator",))

    response = http_client.post("/v1/counties", headers=operator, json=body)

    assert response.status_code == 201, response.text
    assert response.headers["location"] == "/v1/counties/430223"
    assert response.json()["county"]["state"] == "active"
    assert response.json()["scheme"]["document"] == {"levels": []}
    assert services.last.request.settings_json == '{"features":{"photo":false}}'


def test_signing_in_needs_no_token_and_is_never_kept(
    http_client: httpx.Client, services: Services
) -> None:
    services.answer(
        "IssueToken",
        auth_service_pb2.IssueTokenResponse(
            tokens=auth_service_pb2.Tokens(access_token="a.b.c", token_type="Bearer")
        ),
    )

    response = http_client.post(
        "/v1/auth/token", json={"county": COUNTY, "username": "direct", "password": " p "}
    )

    assert response.json()["access_token"] == "a.b.c"
    assert response.headers["cache-control"] == "no-store"
    assert services.last.request.password == " p "
    assert "authorization" not in services.last.metadata


def test_the_feed_is_atom_and_holds_what_was_published(
    http_client: httpx.Client, services: Services
) -> None:
    services.answer("ListPublications", publications())

    response = http_client.get(f"/public/v1/counties/{COUNTY}/atom.xml?kind=feed")

    feed = ET.fromstring(response.content)
    entries = feed.findall(f"{ATOM}entry")
    assert response.headers["content-type"].startswith("application/atom+xml")
    assert all(feed.find(ATOM + name) is not None for name in ("id", "title", "updated", "author"))
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"urn:uuid:{CASE_ID}"]
    assert entries[0].findtext(f"{ATOM}content") == "已清理。"
    assert entries[0].findtext(f"{ATOM}updated") == "2026-03-05T01:00:00Z"


def test_public_reads_cost_the_service_one_call(
    http_client: httpx.Client, services: Services
) -> None:
    services.answer("ListPublications", publications())
    path = f"/public/v1/counties/{COUNTY}/publications?kind=once"

    first, second = http_client.get(path), http_client.get(path)
    fresh = http_client.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert len(services.received) == 1
    assert first.json() == second.json()
    assert dict(first.headers) | {"x-request-id": "", "x-correlation-id": "", "date": ""} == dict(
        second.headers
    ) | {"x-request-id": "", "x-correlation-id": "", "date": ""}
    assert first.headers["cache-control"] == "public, max-age=5"
    assert (fresh.status_code, fresh.content) == (304, b"")


def test_a_refusal_to_the_public_is_not_kept(http_client: httpx.Client, services: Services) -> None:
    path = f"/public/v1/counties/{COUNTY}/publications/{CASE_ID}"
    services.answer("GetPublication", errors.NotFound(kind="publication", id=CASE_ID))
    problem(http_client.get(path), 404, "NOT_FOUND")
    services.answer("GetPublication", disclosure_service_pb2.GetPublicationResponse())

    assert http_client.get(path).status_code == 200


def publications() -> disclosure_service_pb2.ListPublicationsResponse:
    return disclosure_service_pb2.ListPublicationsResponse(
        county_name="某县",
        publications=[
            publications_pb2.Publication(
                publication_id=CASE_ID,
                title="焚烧秸秆案件查处",
                body="已清理。",
                publish_time=datetime(2026, 3, 5, 1, tzinfo=UTC),
            )
        ],
    )


def test_every_answer_carries_the_security_headers(http_client: httpx.Client) -> None:
    for path in ("/healthz", "/v1/nothing", "/docs", "/openapi.json"):
        headers = http_client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_head_is_get_without_the_body(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("GetCase", a_case())

    response = http_client.head(CASE, headers=signed_in("read"))

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == '"3"'


def test_measurements_name_routes_and_never_paths(
    http_client: httpx.Client, gateway: Process, signed_in: Tokens
) -> None:
    http_client.get(CASE, headers=signed_in("read"))
    http_client.get("/v1/secret-of-somebody")

    shown = httpx.get(f"http://127.0.0.1:{gateway.metrics_port}/metrics").text

    assert 'route="/v1/counties/{county}/cases/{case_id}"' in shown
    assert CASE_ID not in shown
    assert "secret-of-somebody" not in shown
