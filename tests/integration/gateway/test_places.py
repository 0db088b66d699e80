"""Boundaries, maps and places over real HTTP and gRPC."""

import httpx
import orjson
import pytest

from tests.integration.gateway.conftest import COUNTY, Services, Tokens
from tests.integration.gateway.test_refusals import problem
from wangge.grid.v1 import geometry_pb2
from wangge.table.v1 import table_pb2

GRID_ID = "0190f0aa-0000-7000-8000-000000000001"
GRIDS = f"/v1/counties/{COUNTY}/grids"
BOUNDARY = f"{GRIDS}/{GRID_ID}/boundary"
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[113, 27], [114, 27], [114, 28], [113, 28], [113, 27]]],
}


def test_a_boundary_is_handed_on_and_comes_back_as_geojson(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    made = geometry_pb2.Boundary(
        grid_id=GRID_ID,
        geometry_json=orjson.dumps(SQUARE).decode(),
        datum=geometry_pb2.DATUM_GCJ02,
        version=2,
    )
    services.answer("SetBoundary", geometry_pb2.SetBoundaryResponse(boundary=made))

    response = http_client.post(
        BOUNDARY,
        json={"geometry": SQUARE, "datum": "gcj02"},
        headers=signed_in("configure") | {"If-Match": '"1"'},
    )

    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert response.json()["geometry"] == SQUARE
    assert response.json()["datum"] == "gcj02"
    asked = services.last.request
    assert orjson.loads(asked.geometry_json) == SQUARE
    assert (asked.datum, asked.expected_version) == (geometry_pb2.DATUM_GCJ02, 1)
    assert asked.request_id


def test_a_boundary_without_geometry_or_of_another_datum_is_refused(
    http_client: httpx.Client, signed_in: Tokens
) -> None:
    response = http_client.post(
        BOUNDARY, json={"datum": "bd09"}, headers=signed_in("configure") | {"Accept-Language": "zh"}
    )

    body = problem(response, 400, "INVALID_ARGUMENT")
    assert {error["pointer"] for error in body["errors"]} == {"/geometry", "/datum"}


def test_a_map_is_geojson(http_client: httpx.Client, signed_in: Tokens, services: Services) -> None:
    feature = geometry_pb2.GridFeature(
        grid_id=GRID_ID, name="甲村", geometry_json=orjson.dumps(SQUARE).decode(), area_km2=2.5
    )
    services.answer(
        "ListBoundaries",
        geometry_pb2.ListBoundariesResponse(features=[feature], next_page_token="more"),
    )
    address = f"/v1/counties/{COUNTY}/boundaries.geojson"

    response = http_client.get(address, params={"page_size": 7}, headers=signed_in("read"))

    assert response.headers["content-type"] == "application/geo+json"
    assert response.headers["cache-control"] == "private, no-cache"
    collection = response.json()
    assert collection["features"][0]["geometry"] == SQUARE
    assert collection["features"][0]["properties"]["area_km2"] == 2.5
    assert collection["next_page_token"] == "more"
    assert services.last.request.page_size == 7


def test_a_point_is_located_by_anyone_with_a_post(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    found = geometry_pb2.LocatedGrid(grid_id=GRID_ID, names=["甲镇", "甲村"], special=True)
    services.answer("LocateGrids", geometry_pb2.LocateGridsResponse(grids=[found]))

    response = http_client.get(
        f"{GRIDS}:locate", params={"lon": "113.5", "lat": "27.5"}, headers=signed_in("patrol")
    )

    assert response.json()["grids"][0]["names"] == ["甲镇", "甲村"]
    assert response.json()["carved_out_of"] == []
    asked = services.last.request
    assert (asked.lon, asked.lat, asked.HasField("lon")) == (113.5, 27.5, True)


@pytest.mark.parametrize("query", [{"lon": "east"}, {"lon": "nan"}, {"longitude": "113"}])
def test_a_question_that_is_none_does_not_reach_the_service(
    http_client: httpx.Client, signed_in: Tokens, services: Services, query: dict[str, str]
) -> None:
    response = http_client.get(f"{GRIDS}:locate", params=query, headers=signed_in("patrol"))

    problem(response, 400, "INVALID_ARGUMENT")
    assert services.received == []


def test_the_check_is_shown_as_one_document(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    check = geometry_pb2.GridCheck(grid_count=3, not_known_here=["people"])
    check.levels.add(level_id="village", count=3)
    services.answer("CheckGrids", geometry_pb2.CheckGridsResponse(check=check))

    response = http_client.get(
        f"{GRIDS}:check", params={"tolerance_m2": "50"}, headers=signed_in("read")
    )

    assert response.json()["grid_count"] == 3
    assert response.json()["levels"][0]["expected"] is None
    assert services.last.request.tolerance_m2 == 50


def test_rows_of_a_table_reach_the_service_under_the_names_of_their_columns(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    services.answer(
        "ImportGrids",
        geometry_pb2.ImportGridsResponse(outcome=table_pb2.Outcome(created=1, dry_run=True)),
    )
    file = "区划代码,名称,层级,上级名称,经度,纬度\r\n430223126201,甲村,村级网格,某镇,113.5,27.5\r\n"

    response = http_client.post(
        f"{GRIDS}:import-file",
        params={"dry_run": "true"},
        content=file.encode(),
        headers=signed_in("configure") | {"Content-Type": "text/csv"},
    )

    assert response.json()["created"] == 1
    asked = services.last.request
    assert asked.dry_run
    (row,) = asked.rows
    assert row.number == 2
    assert dict(row.cells) == {
        "code": "430223126201",
        "name": "甲村",
        "level": "村级网格",
        "parent_name": "某镇",
        "lon": "113.5",
        "lat": "27.5",
    }


def test_features_of_a_map_are_rows_with_their_geometry(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    feature = {
        "type": "Feature",
        "properties": {"name": "甲村", "level": "village", "colour": "red"},
        "geometry": SQUARE,
    }

    response = http_client.post(
        f"{GRIDS}:import-file",
        json={"type": "FeatureCollection", "features": [feature]},
        headers=signed_in("configure") | {"Content-Type": "application/geo+json"},
    )

    assert response.status_code == 200, response.text
    (row,) = services.last.request.rows
    assert orjson.loads(row.cells.pop("geometry")) == SQUARE
    assert dict(row.cells) == {"name": "甲村", "level": "village"}
