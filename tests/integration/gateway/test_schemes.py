"""Scheme documents on their way through the gateway, and who may suspend a county."""

import httpx
import orjson
import pytest

from services.grid.templates import template
from tests.integration.gateway.conftest import COUNTY, Services, Tokens
from wangge.grid.v1 import counties_pb2, scheme_drafts_pb2, schemes_pb2

BASE = f"/v1/counties/{COUNTY}"


@pytest.mark.parametrize("template_id", [f"S{number:02}" for number in range(1, 18)])
def test_an_exported_document_is_saved_byte_for_byte(
    http_client: httpx.Client, signed_in: Tokens, services: Services, template_id: str
) -> None:
    document = orjson.dumps(template(template_id)).decode()
    scheme = schemes_pb2.Scheme(county_id=COUNTY, version=1, document_json=document)
    services.answer("GetScheme", schemes_pb2.GetSchemeResponse(scheme=scheme))
    who = signed_in("configure")

    exported = http_client.get(f"{BASE}/scheme", headers=who)
    body = orjson.dumps({"document": orjson.loads(exported.content)["document"]})
    saved = http_client.post(
        f"{BASE}/scheme/draft", content=body, headers={**who, "Content-Type": "application/json"}
    )

    assert saved.status_code == 200
    assert document.encode() in exported.content
    assert services.last.request.document_json == document


def test_a_draft_is_changed_with_if_match(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    draft = scheme_drafts_pb2.SchemeDraft(
        county_id=COUNTY, version=4, based_on=1, document_json="{}"
    )
    services.answer("SaveDraft", scheme_drafts_pb2.SaveDraftResponse(draft=draft))

    response = http_client.post(
        f"{BASE}/scheme/draft",
        json={"merge_patch": {"name": None}, "based_on": 1},
        headers={**signed_in("configure"), "If-Match": '"3"'},
    )

    assert (response.status_code, response.headers["etag"]) == (200, '"4"')
    request = services.last.request
    assert (request.expected_version, request.based_on) == (3, 1)
    assert request.merge_patch_json == '{"name":null}'


def test_a_county_is_suspended_at_its_own_address(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    county = counties_pb2.County(
        county_id=COUNTY, version=2, state=counties_pb2.COUNTY_STATE_SUSPENDED
    )
    services.answer("SuspendCounty", counties_pb2.SuspendCountyResponse(county=county))
    operator = signed_in(county_id="city", roles=("city_operator",))

    response = http_client.post(f"{BASE}:suspend", json={"reason": "机构调整"}, headers=operator)

    assert (response.status_code, response.json()["state"]) == (200, "suspended")
    assert (services.last.request.county_id, services.last.request.reason) == (COUNTY, "机构调整")
    refused = http_client.post(
        f"{BASE}:suspend", json={"reason": "机构调整"}, headers=signed_in("configure")
    )
    assert refused.status_code == 403
    assert http_client.post(f"{BASE}:suspend", json={}, headers=operator).status_code == 400


def test_versions_are_compared_by_their_numbers(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    found = schemes_pb2.Difference(
        pointer="/name", change=schemes_pb2.CHANGE_CHANGED, before_json='"旧"', after_json="null"
    )
    services.answer("CompareVersions", schemes_pb2.CompareVersionsResponse(differences=[found]))
    who = signed_in("read")

    response = http_client.get(f"{BASE}/scheme/differences?earlier=1&later=2", headers=who)

    assert response.json()["differences"] == [
        {"pointer": "/name", "change": "changed", "before": "旧", "after": None}
    ]
    wrong = http_client.get(f"{BASE}/scheme/differences?earlier=0&later=x", headers=who)
    assert wrong.status_code == 400
    assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/earlier", "/later"}
