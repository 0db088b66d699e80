"""Geometry on the globe: what is read, what is refused and where, areas, datums."""

import math
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from services.grid.geometry.domain import geometry
from shared.errors import InvalidArgument, Violation

SQUARE = [[113.0, 27.0], [113.1, 27.0], [113.1, 27.1], [113.0, 27.1], [113.0, 27.0]]
BOWTIE = [[113.0, 27.0], [113.1, 27.1], [113.1, 27.0], [113.0, 27.1], [113.0, 27.0]]


def polygon(*rings: list[Any], **members: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings), **members}


def named(crs: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": crs}}


def faults(document: object, **given: str) -> list[Violation]:
    with pytest.raises(InvalidArgument) as refused:
        geometry.read_boundary(document, **given)
    assert all(not each.detail.zh.isascii() for each in refused.value.violations)
    return list(refused.value.violations)


def test_a_polygon_is_read_with_its_box_and_area() -> None:
    shape = geometry.read_boundary(polygon(SQUARE))

    assert (shape.box.min_lon, shape.box.min_lat) == (113.0, 27.0)
    assert (shape.box.max_lon, shape.box.max_lat) == (113.1, 27.1)
    assert shape.area_km2 == pytest.approx(109.93, abs=0.01)
    assert shape.vertices == 5
    assert orjson.loads(geometry.to_geojson(shape.wkb)) == polygon(SQUARE)


def test_a_feature_an_altitude_and_a_clockwise_ring_are_taken() -> None:
    ring = [[*position, 80.5] for position in reversed(SQUARE)]
    feature = {"type": "Feature", "properties": {}, "geometry": polygon(ring)}

    assert geometry.read_boundary(feature).area_km2 == pytest.approx(109.93, abs=0.01)


def test_holes_and_parts_count_in_the_area() -> None:
    hole = [[113.02, 27.02], [113.02, 27.08], [113.08, 27.08], [113.08, 27.02], [113.02, 27.02]]
    island = [[lon + 1, lat] for lon, lat in SQUARE]
    both = {"type": "MultiPolygon", "coordinates": [[SQUARE, hole], [island]]}

    whole = geometry.read_boundary(polygon(SQUARE)).area_km2
    cut = geometry.read_boundary(polygon(hole)).area_km2
    assert geometry.read_boundary(both).area_km2 == pytest.approx(2 * whole - cut)


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:4326",
        "EPSG:4490",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4490",
        "OGC:CRS84",
    ],
)
def test_systems_in_degrees_of_wgs84_and_cgcs2000_are_taken(crs: str) -> None:
    assert geometry.read_boundary(polygon(SQUARE, crs=named(crs))).vertices == 5


@pytest.mark.parametrize("crs", [named("EPSG:4547"), named("EPSG:43260"), {"type": "link"}, 7])
def test_another_system_is_refused_by_its_name(crs: object) -> None:
    (fault,) = faults(polygon(SQUARE, crs=crs))

    assert fault.pointer == "/geometry/crs"
    if isinstance(crs, dict) and "properties" in crs:
        assert crs["properties"]["name"] in fault.detail.en


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (None, "/geometry"),
        ([], "/geometry"),
        ({"type": "Point", "coordinates": [113, 27]}, "/geometry/type"),
        ({"type": "Feature", "geometry": None}, "/geometry/geometry"),
        (polygon(), "/geometry/coordinates"),
        ({"type": "Polygon", "coordinates": None}, "/geometry/coordinates"),
        ({"type": "MultiPolygon", "coordinates": []}, "/geometry/coordinates"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "/geometry/coordinates/0"),
        (polygon(SQUARE[:3]), "/geometry/coordinates/0"),
        (polygon(SQUARE, SQUARE[:4]), "/geometry/coordinates/1"),
        (polygon([*SQUARE[:4], "113,27"]), "/geometry/coordinates/0/4"),
        (polygon([[True, 27], *SQUARE[1:]]), "/geometry/coordinates/0/0"),
        (polygon([[1e300, 27], *SQUARE[1:]]), "/geometry/coordinates/0/0"),
    ],
)
def test_what_is_no_area_is_refused_where_it_stands(document: object, pointer: str) -> None:
    assert [fault.pointer for fault in faults(document)] == [pointer]


def test_every_ring_at_fault_is_named() -> None:
    wrong = {"type": "MultiPolygon", "coordinates": [[SQUARE[:4]], [SQUARE], [SQUARE[:2]]]}

    assert [fault.pointer for fault in faults(wrong)] == [
        "/geometry/coordinates/0/0",
        "/geometry/coordinates/2/0",
    ]


def test_where_a_boundary_crosses_itself_is_said() -> None:
    (fault,) = faults(polygon(BOWTIE))

    assert "113.050000, 27.050000" in fault.detail.en
    assert "crosses itself" in fault.detail.en
    assert "113.050000, 27.050000" in fault.detail.zh
    assert "自相交" in fault.detail.zh


def test_a_line_encloses_nothing() -> None:
    (fault,) = faults(polygon([[113, 27], [113, 27], [113, 27], [113, 27]]))

    assert "too few points" in fault.detail.en


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([[lat, lon] for lon, lat in SQUARE], "latitude first"),
        ([[lon * 1e5, lat * 1e5] for lon, lat in SQUARE], "metres of a projection"),
        ([[38_512_345.6, 3_001_234.5]] * 4, "Gauss-Krüger"),
        ([[lon - 111, lat + 21] for lon, lat in SQUARE], "outside of China"),
    ],
)
def test_a_wrong_datum_or_order_is_named(ring: list[Any], words: str) -> None:
    (fault,) = faults(polygon(ring))

    assert fault.pointer == "/geometry/coordinates"
    assert words in fault.detail.en


def test_too_many_vertices_are_refused_with_their_number() -> None:
    angles = np.linspace(0, 2 * math.pi, geometry.MAX_VERTICES + 1)
    circle = np.column_stack([113 + np.cos(angles), 27 + np.sin(angles)]).tolist()
    circle[-1] = circle[0]

    assert geometry.read_boundary(polygon([*circle[:-2], circle[0]])).vertices == 20_000
    (fault,) = faults(polygon(circle))
    assert "20001 vertices" in fault.detail.en


def test_the_area_of_the_whole_ellipsoid_is_known() -> None:
    assert geometry.area_km2(shapely.box(-180, -90, 180, 90)) == pytest.approx(
        510_065_621.724, rel=1e-9
    )


def test_a_small_circle_has_the_area_of_a_circle() -> None:
    radius_m, latitude = 1000.0, math.radians(30)
    meridian, parallel = 6_351_377.1, 6_383_480.9  # radii of curvature at 30° on WGS-84
    angles = np.linspace(0, 2 * math.pi, 1441)
    lon = 110 + np.degrees(radius_m * np.cos(angles) / (parallel * math.cos(latitude)))
    lat = 30 + np.degrees(radius_m * np.sin(angles) / meridian)

    found = geometry.area_km2(shapely.polygons(np.column_stack([lon, lat])))
    assert found == pytest.approx(math.pi, rel=1e-4)


def test_long_edges_stay_within_the_stated_error() -> None:
    coarse = shapely.Polygon([(110, 30), (111, 31), (110.2, 31)])
    fine = shapely.segmentize(coarse, 0.001)

    assert geometry.area_km2(coarse) == pytest.approx(geometry.area_km2(fine), rel=1e-6)


@given(st.floats(74, 134), st.floats(4, 53))
def test_gcj02_is_undone_to_a_millimetre(lon: float, lat: float) -> None:
    there = geometry.to_gcj02(np.array([[lon, lat]]))
    back = geometry.from_gcj02(there)

    assert np.abs(back - [[lon, lat]]).max() < 1e-8
    assert 1e-5 < np.abs(there - [[lon, lat]]).max() < 0.02


def test_gcj02_is_turned_into_wgs84_when_it_is_read() -> None:
    shifted = geometry.to_gcj02(np.array(SQUARE)).tolist()
    shifted[-1] = shifted[0]

    shape = geometry.read_boundary(polygon(shifted), datum=geometry.GCJ02)
    assert orjson.loads(geometry.to_geojson(shape.wkb)) == polygon(SQUARE)


@settings(max_examples=60)
@given(st.binary(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "coordinates", "geometry", "crs", "properties", "name"]),
        inner | st.sampled_from(["Polygon", "MultiPolygon", "Feature"]), max_size=4,
    ),
    max_leaves=20,
))  # fmt: skip
def test_whatever_is_no_boundary_is_refused_and_nothing_else_happens(document: object) -> None:
    with pytest.raises(InvalidArgument):
        geometry.read_boundary(document)
