"""Grids on a map as GeoJSON."""

from datetime import UTC, datetime

import orjson
import shapely

from gateway import geojson
from wangge.grid.v1 import geometry_pb2

SINCE = datetime(2026, 3, 5, tzinfo=UTC)


def rendered(*features: geometry_pb2.GridFeature, token: str = "") -> dict[str, object]:
    listing = geometry_pb2.ListBoundariesResponse(features=features, next_page_token=token)
    document: dict[str, object] = orjson.loads(geojson.render(listing, "/", "zh"))
    return document


def test_a_map_without_grids_is_a_whole_collection() -> None:
    assert rendered() == {"type": "FeatureCollection", "features": [], "next_page_token": ""}


def test_a_grid_is_a_feature_with_its_place_and_properties() -> None:
    square = shapely.to_geojson(shapely.box(113, 27, 114, 28))
    feature = geometry_pb2.GridFeature(
        grid_id="0190f0aa-0000-7000-8000-000000000001",
        name="甲村",
        geometry_json=square,
        area_km2=1.5,
        valid_from=SINCE,
    )
    shown = rendered(feature, token="more")
    (only,) = shown["features"]  # type: ignore[misc]

    assert shown["next_page_token"] == "more"
    assert only["type"] == "Feature"
    assert only["id"] == feature.grid_id
    assert only["geometry"] == orjson.loads(square)
    assert only["properties"]["name"] == "甲村"
    assert only["properties"]["area_km2"] == 1.5
    assert only["properties"]["valid_from"] == "2026-03-05T00:00:00Z"
    assert "geometry" not in only["properties"]


def test_a_grid_without_a_boundary_has_no_area() -> None:
    point = '{"type":"Point","coordinates":[113.0,27.0]}'
    (only,) = rendered(geometry_pb2.GridFeature(geometry_json=point))["features"]  # type: ignore[misc]

    assert only["geometry"]["type"] == "Point"
    assert only["properties"]["area_km2"] is None
