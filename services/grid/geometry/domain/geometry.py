"""Geometry on the globe: reading GeoJSON, datums, areas.

Coordinates are degrees, [longitude, latitude]. An edge is the straight line between its ends in
longitude and latitude, as GeoJSON (RFC 7946) has it.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from services.grid.geometry.domain.boundaries import Box, Shape
from shared.errors import InvalidArgument, Text, Violation

MAX_VERTICES = 20_000
RING = 4
"""Positions of the shortest ring: a triangle, closed."""
WGS84, CGCS2000, GCJ02 = "wgs84", "cgcs2000", "gcj02"
CHINA = Box(72.0, 2.0, 137.0, 55.0)
HALF_TURN, QUARTER_TURN = 180.0, 90.0
DECIMALS = 7
"""Digits of a degree that answers have: about a centimetre."""

Floats = NDArray[np.float64]

_CRS = re.compile(
    r"(urn:ogc:def:crs:)?(OGC:[\d.]*:?)?(CRS84|EPSG:[\d.]*:?(4326|4490))", re.IGNORECASE
)
_NUMBER = (int, float)
_POLYGON, _MULTI = "Polygon", "MultiPolygon"

NO_GEOJSON = Text(
    "Give a GeoJSON Polygon or MultiPolygon.", "应为 GeoJSON 的 Polygon 或 MultiPolygon。"
)
NO_POSITION = Text("Give [longitude, latitude] as two numbers.", "应为 [经度, 纬度] 两个数字。")
NO_RINGS = Text("Give a list of rings, not an empty one.", "应为环的数组,且不能为空。")
TOO_SHORT = Text(
    "A ring has at least 4 positions, the last equal to the first.",
    "每个环至少有 4 个点,且首尾相同。",
)
NOT_CLOSED = Text(
    "The ring is not closed: repeat its first position at the end.",
    "该环没有闭合:请在末尾重复第一个点。",
)
TOO_MANY = Text(
    f"The boundary has {{count}} vertices; simplify it to at most {MAX_VERTICES}.",
    f"边界有 {{count}} 个点,请简化至不超过 {MAX_VERTICES} 个。",
)
OTHER_CRS = Text(
    "The coordinate system {crs} is not taken: give degrees in WGS-84 (EPSG:4326, CRS84) or "
    "CGCS2000 (EPSG:4490).",
    "不支持坐标系 {crs}:请使用 WGS-84(EPSG:4326、CRS84)或 CGCS2000(EPSG:4490)的经纬度。",
)
PROJECTED = Text(
    "{x}, {y} are metres of a projection (such as CGCS2000 in Gauss-Krüger zones, or Web "
    "Mercator), not degrees: give WGS-84 or CGCS2000 longitude and latitude.",
    "{x}, {y} 是投影坐标(米,如 CGCS2000 高斯-克吕格或 Web 墨卡托),不是经纬度:"
    "请转换为 WGS-84 或 CGCS2000 经纬度。",
)
SWAPPED = Text(
    "{x}, {y} has latitude first: GeoJSON wants [longitude, latitude].",
    "{x}, {y} 的经纬度颠倒了:GeoJSON 的顺序是 [经度, 纬度]。",
)
ABROAD = Text(
    "{x}, {y} lies outside of China: check that the datum is WGS-84 or CGCS2000, and the order.",
    "{x}, {y} 不在中国范围内:请检查坐标系是否为 WGS-84 或 CGCS2000,以及经纬度的顺序。",
)
NO_AREA = Text("The boundary encloses no area.", "边界没有围成任何面积。")
INVALID = Text(
    "The boundary is no proper area at {x}, {y}: {reason}.",
    "边界在 {x}, {y} 处有误:{reason}。",
)
REASONS = {
    "Self-intersection": Text("it crosses itself", "边界自相交"),
    "Ring Self-intersection": Text("a ring touches or crosses itself", "环自相交或自相接"),
    "Hole lies outside shell": Text("a hole lies outside of its ring", "内环位于外环之外"),
    "Holes are nested": Text("a hole lies within another", "内环相互嵌套"),
    "Nested shells": Text("a part lies within another", "一个部分位于另一部分之内"),
    "Duplicate Rings": Text("a ring is there twice", "存在重复的环"),
    "Interior is disconnected": Text("holes cut it in pieces", "内环把边界内部分割开"),
    "Too few points in geometry component": Text("a ring has too few points", "环的点数过少"),
}
UNNAMED = Text("its rings do not fit together", "各环的位置关系有误")


def read_boundary(document: object, datum: str = WGS84, pointer: str = "/geometry") -> Shape:
    """A boundary from GeoJSON: a Polygon, a MultiPolygon, or a Feature of one.

    Raises InvalidArgument with the pointer of each fault.
    """
    geometry, pointer = _unwrapped(document, pointer)
    polygons = _polygons(geometry, pointer)
    positions = [position for polygon in polygons for ring in polygon for position in ring]
    _refuse(f"{pointer}/coordinates", _place_fault(positions))
    shape: BaseGeometry = shapely.MultiPolygon(
        [shapely.Polygon(rings[0], rings[1:]) for rings in map(_flat, polygons)]
    )
    if datum == GCJ02:
        shape = shapely.transform(shape, from_gcj02)
    _refuse(f"{pointer}/coordinates", _form_fault(shape))
    return shape_of(shapely.orient_polygons(shape))


def shape_of(geometry: BaseGeometry) -> Shape:
    """A valid area as it is kept; one polygon is kept as a Polygon."""
    parts = shapely.get_parts(geometry)
    one = parts[0] if len(parts) == 1 else geometry
    box = Box(*(float(value) for value in one.bounds))
    return Shape(shapely.to_wkb(one), box, area_km2(one), int(shapely.get_num_coordinates(one)))


def to_geojson(wkb: bytes) -> str:
    """A kept geometry as GeoJSON text, to seven decimals."""
    geometry = shapely.from_wkb(wkb)
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS))
    return str(shapely.to_geojson(rounded))


def point_fault(lon: float, lat: float) -> Text | None:
    """Why a position cannot be a place of a county; None where it can."""
    return _place_fault([(lon, lat)])


def point_wkb(lon: float, lat: float) -> bytes:
    """A point as it is kept."""
    return bytes(shapely.to_wkb(shapely.Point(lon, lat)))


def relation(wkb: bytes, lon: float, lat: float) -> bool | None:
    """True where the geometry holds the point inside, False where on its border, None elsewhere."""
    geometry, point = shapely.from_wkb(wkb), shapely.Point(lon, lat)
    if not geometry.intersects(point):
        return None
    return bool(geometry.contains(point))


# Areas: WGS-84; CGCS2000 differs by a tenth of a millimetre.
_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_E2 = _FLATTENING * (2 - _FLATTENING)
_E = math.sqrt(_E2)


def area_km2(geometry: BaseGeometry) -> float:
    """The area on the ellipsoid, in square kilometres.

    The area between an edge and the equator is the integral of the authalic function of latitude
    over longitude (exact on the ellipsoid), taken by Simpson's rule: for edges of up to one degree
    the relative error is below one part in a million, for those of a county far less.
    """
    return sum(_polygon_m2(part) for part in _polygon_parts(geometry)) / 1e6


def _polygon_parts(geometry: BaseGeometry) -> list[Any]:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == _POLYGON]


def _polygon_m2(polygon: Any) -> float:
    rings = [polygon.exterior, *polygon.interiors]
    shell, *holes = (_ring_m2(shapely.get_coordinates(ring)) for ring in rings)
    return shell - sum(holes)


def _ring_m2(positions: Floats) -> float:
    lon, lat = np.radians(positions[:, 0]), np.radians(positions[:, 1])
    height = _authalic(lat)
    middle = _authalic((lat[1:] + lat[:-1]) / 2)
    strips = np.diff(lon) * (height[1:] + 4 * middle + height[:-1]) / 6
    return abs(float(strips.sum())) * _SEMI_MAJOR_M**2 / 2


def _authalic(latitude: Floats) -> Floats:
    sine = np.sin(latitude)
    q: Floats = (1 - _E2) * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return q


# GCJ-02, as public descriptions have it, on the ellipsoid of Krasovsky 1940.
_GCJ_SEMI_MAJOR_M = 6_378_245.0
_GCJ_E2 = 0.006_693_421_622_965_943
_GCJ_ORIGIN = (105.0, 35.0)
_GCJ_ROUNDS = 10


def to_gcj02(positions: Floats) -> Floats:
    """WGS-84 positions in the shifted coordinates of Chinese map services."""
    x, y = positions[:, 0] - _GCJ_ORIGIN[0], positions[:, 1] - _GCJ_ORIGIN[1]
    root, pi = np.sqrt(np.abs(x)), math.pi
    waves = 20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    east += (waves + 20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    north += (waves + 20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * pi) + 320 * np.sin(y / 30 * pi)) * 2 / 3
    latitude = np.radians(positions[:, 1])
    flat = 1 - _GCJ_E2 * np.sin(latitude) ** 2
    meridian = _GCJ_SEMI_MAJOR_M * (1 - _GCJ_E2) / (flat * np.sqrt(flat))
    parallel = _GCJ_SEMI_MAJOR_M / np.sqrt(flat) * np.cos(latitude)
    shift = np.column_stack([np.degrees(east / parallel), np.degrees(north / meridian)])
    shifted: Floats = positions + shift
    return shifted


def from_gcj02(positions: Floats) -> Floats:
    """GCJ-02 positions in WGS-84, by fixed-point iteration.

    The shift changes by less than a hundredth of the distance, so each round gains two digits:
    after ten the result is exact to the precision of the numbers against the formula above. The
    formula is what is publicly known of GCJ-02; it agrees with map services to a few metres.
    """
    found = positions
    for _ in range(_GCJ_ROUNDS):
        found = found - (to_gcj02(found) - positions)
    return found


def _unwrapped(document: object, pointer: str) -> tuple[dict[str, Any], str]:
    if not isinstance(document, dict):
        raise InvalidArgument([Violation(pointer, NO_GEOJSON)])
    _refuse_crs(document, pointer)
    if document.get("type") == "Feature":
        inner, pointer = document.get("geometry"), f"{pointer}/geometry"
        if not isinstance(inner, dict):
            raise InvalidArgument([Violation(pointer, NO_GEOJSON)])
        _refuse_crs(inner, pointer)
        document = inner
    if document.get("type") not in (_POLYGON, _MULTI):
        raise InvalidArgument([Violation(f"{pointer}/type", NO_GEOJSON)])
    return document, pointer


def _refuse_crs(document: dict[str, Any], pointer: str) -> None:
    crs = document.get("crs")
    if crs is None:
        return
    name = crs.get("properties", {}).get("name") if _is_named(crs) else crs
    if isinstance(name, str) and _CRS.fullmatch(name):
        return
    shown = name if isinstance(name, str) else orjson.dumps(name).decode()[:80]
    raise InvalidArgument([Violation(f"{pointer}/crs", OTHER_CRS.format(crs=shown))])


def _is_named(crs: object) -> bool:
    return isinstance(crs, dict) and isinstance(crs.get("properties"), dict)


Position = Sequence[float]


def _polygons(geometry: dict[str, Any], pointer: str) -> list[list[list[Position]]]:
    """The coordinates of a MultiPolygon, whichever of the two it was."""
    pointer = f"{pointer}/coordinates"
    coordinates = geometry.get("coordinates")
    if geometry["type"] == _POLYGON:
        faults = list(_polygon_faults(coordinates, pointer))
        coordinates = [coordinates]
    elif not isinstance(coordinates, list) or not coordinates:
        faults = [Violation(pointer, NO_RINGS)]
    else:
        faults = [
            fault
            for number, polygon in enumerate(coordinates)
            for fault in _polygon_faults(polygon, f"{pointer}/{number}")
        ]
    if faults:
        raise InvalidArgument(faults)
    found: list[list[list[Position]]] = coordinates or []
    count = sum(len(ring) for polygon in found for ring in polygon)
    _refuse(pointer, TOO_MANY.format(count=count) if count > MAX_VERTICES else None)
    return found


def _polygon_faults(polygon: object, pointer: str) -> Iterable[Violation]:
    if not isinstance(polygon, list) or not polygon:
        yield Violation(pointer, NO_RINGS)
        return
    for number, ring in enumerate(polygon):
        if fault := _ring_fault(ring, f"{pointer}/{number}"):
            yield fault


def _ring_fault(ring: object, pointer: str) -> Violation | None:
    if not isinstance(ring, list) or len(ring) < RING:
        return Violation(pointer, TOO_SHORT)
    for number, position in enumerate(ring):
        if not is_position(position):
            return Violation(f"{pointer}/{number}", NO_POSITION)
    return Violation(pointer, NOT_CLOSED) if ring[0][:2] != ring[-1][:2] else None


def is_position(position: Any) -> bool:
    """Whether something is a GeoJSON position: two numbers, or three with an altitude."""
    return (
        isinstance(position, list)
        and len(position) in {2, 3}
        and all(isinstance(each, _NUMBER) and not isinstance(each, bool) for each in position)
        and all(abs(each) < 1e12 for each in position)  # noqa: PLR2004 - finite, and no long integer
    )


def _place_fault(positions: Sequence[Position]) -> Text | None:
    """What is wrong with the first position that lies nowhere in the country."""
    for x, y in (position[:2] for position in positions):
        if CHINA.min_lon <= x <= CHINA.max_lon and CHINA.min_lat <= y <= CHINA.max_lat:
            continue
        if abs(x) > HALF_TURN or abs(y) > HALF_TURN:
            return PROJECTED.format(x=x, y=y)
        if CHINA.min_lon <= y <= CHINA.max_lon and CHINA.min_lat <= x <= CHINA.max_lat:
            return SWAPPED.format(x=x, y=y)
        return ABROAD.format(x=x, y=y)
    return None


def _form_fault(shape: BaseGeometry) -> Text | None:
    if not shape.is_valid:
        reason, _, place = explain_validity(shape).partition("[")
        x, _, y = place.rstrip("]").partition(" ")
        known = REASONS.get(reason.strip(), UNNAMED)
        if not y:
            return NO_AREA
        at = {"x": f"{float(x):.6f}", "y": f"{float(y):.6f}"}
        return Text(
            INVALID.en.format(reason=known.en, **at), INVALID.zh.format(reason=known.zh, **at)
        )
    return NO_AREA if shape.area == 0 else None


def _flat(polygon: Sequence[Sequence[Position]]) -> list[Floats]:
    """The rings as longitude and latitude, without altitudes."""
    return [np.array([position[:2] for position in ring], dtype=np.float64) for ring in polygon]


def _refuse(pointer: str, fault: Text | None) -> None:
    if fault is not None:
        raise InvalidArgument([Violation(pointer, fault)])
