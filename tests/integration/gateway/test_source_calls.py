"""What reaches the ledger of pollution sources over real HTTP, and how it is shown."""

from uuid import uuid4

import httpx

from tests.integration.gateway.conftest import COUNTY, Services, Tokens
from wangge.grid.v1 import source_files_pb2, sources_pb2

SOURCES = f"/v1/counties/{COUNTY}/sources"
SOURCE_ID = str(uuid4())
SOURCE = sources_pb2.Source(
    county_id=COUNTY, pollution_source_id=SOURCE_ID, name="测试场", version=3,
    state=sources_pb2.SOURCE_STATE_OPERATING,
    verification=sources_pb2.SOURCE_VERIFICATION_NOT_FOUND,
    supervision=sources_pb2.Supervision(at_least=2, per="month"),
)  # fmt: skip


def test_a_source_is_entered_and_shown_with_its_version(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("CreateSource", sources_pb2.CreateSourceResponse(source=SOURCE))
    grid_id = str(uuid4())
    body = {
        "grid_id": grid_id, "name": "测试场", "type": "aquaculture", "longitude": 113.5,
        "latitude": 27, "state": "operating", "off_list": True,
    }  # fmt: skip

    response = http_client.post(SOURCES, json=body, headers=signed_in("patrol"))

    assert (response.status_code, response.headers["etag"]) == (201, '"3"')
    assert response.headers["location"] == f"{SOURCES}/{SOURCE_ID}"
    shown = response.json()
    assert (shown["state"], shown["verification"]) == ("operating", "not_found")
    assert shown["supervision"] == {"at_least": 2, "per": "month", "patrol_rules": []}
    asked = services.last.request
    assert (asked.grid_id, asked.longitude, asked.off_list) == (grid_id, 113.5, True)
    assert asked.state == sources_pb2.SOURCE_STATE_OPERATING


def test_filters_of_the_list_tell_no_from_not_asked(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    query = {"off_list": "false", "verification": "closed", "zone": "limited", "page_size": "7"}

    response = http_client.get(SOURCES, params=query, headers=signed_in("read"))

    assert response.status_code == 200
    asked = services.last.request
    assert (asked.HasField("off_list"), asked.off_list) == (True, False)
    assert not asked.HasField("key_object")
    assert asked.verification == sources_pb2.SOURCE_VERIFICATION_CLOSED
    assert (asked.zone, asked.page_size) == ("limited", 7)


def test_a_change_tells_what_is_cleared_from_what_stays(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer("UpdateSource", sources_pb2.UpdateSourceResponse(source=SOURCE))
    headers = signed_in("configure") | {"If-Match": '"2"'}

    response = http_client.post(
        f"{SOURCES}/{SOURCE_ID}:update", json={"address": ""}, headers=headers
    )

    assert response.status_code == 200
    asked = services.last.request
    assert (asked.HasField("address"), asked.address, asked.expected_version) == (True, "", 2)
    assert not asked.HasField("industry")


def test_histories_and_files_are_shown_as_json(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    origin = sources_pb2.SourceOrigin(said_json='{"address": "甲路"}', conflicts=["address"])
    services.answer("GetSourceHistory", sources_pb2.GetSourceHistoryResponse(origins=[origin]))
    happened = source_files_pb2.SourceEvent(key="case.opened.v1", facts_json='{"number": "1"}')
    found = source_files_pb2.SourceFile(source=SOURCE, missing=["filing"], events=[happened])
    services.answer("GetSourceFile", source_files_pb2.GetSourceFileResponse(file=found))

    history = http_client.get(f"{SOURCES}/{SOURCE_ID}/history", headers=signed_in("read")).json()
    file = http_client.get(f"{SOURCES}/{SOURCE_ID}/file", headers=signed_in("read")).json()

    assert history["origins"][0]["said"] == {"address": "甲路"}
    assert file["events"][0]["facts"] == {"number": "1"}
    assert (file["missing"], file["source"]["name"]) == (["filing"], "测试场")


def test_totals_and_incomplete_files_are_no_ids(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    for address, method in (
        ("distribution?by=type", "GetSourceDistribution"),
        ("incomplete", "ListIncompleteSourceFiles"),
    ):
        response = http_client.get(f"{SOURCES}:{address}", headers=signed_in("read"))

        assert (response.status_code, services.last.method) == (200, method)
    wrong = http_client.get(f"{SOURCES}:distribution?by=moon", headers=signed_in("read"))
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "/by"
