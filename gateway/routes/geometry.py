"""Where grids lie, what lies where, and grids out of files."""

from marshmallow import fields, validate

from gateway import geojson
from gateway.fields import Body, Choice, Document, Id, Instant, Paged, Words
from gateway.routes.tree import HEADINGS as GRID_HEADINGS
from gateway.routing import COUNTY, Form, Route, Rows, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import geometry_pb2
from wangge.grid.v1 import geometry_service_pb2 as pb

rpc = rpcs("grid", pb, "PlaceService")
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))
CONFIGURERS = Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR}))
ANYONE_SIGNED_IN = Rule.city(CITY_OPERATOR, CITY_SUPERVISOR, any_post=True)


class NewBoundary(Body):
    """A boundary as GeoJSON, and what its coordinates are measured in."""

    geometry = Document(attribute="geometry_json", required=True)
    datum = Choice(geometry_pb2.Datum.DESCRIPTOR)
    source = Words()
    note = Words(1000)
    effective_at = Instant()


class AsOf(Body):
    """The moment in question, now unless given."""

    as_of = Instant()


class MapFilter(Paged):
    """Which grids of the map are wanted."""

    grid_id = Id()
    level_id = Words()
    as_of = Instant()


class Whereabouts(Body):
    """A point, a division code or a name: exactly one of them."""

    lon = fields.Float()
    lat = fields.Float()
    code = fields.String(validate=validate.Length(2, 12))
    name = Words()
    as_of = Instant()


class Tolerance(Body):
    """The smallest area that counts, in square metres."""

    tolerance_m2 = fields.Float(validate=validate.Range(0, 1_000_000))


SECTION = Section(
    "places",
    Text("Boundaries and places", "边界与定位"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids/{{grid_id}}/boundary",
            rpc("SetBoundary"),
            CONFIGURERS,
            Text("Record where a grid lies from a moment on", "登记网格边界"),
            body=NewBoundary,
            show="boundary",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/boundary",
            rpc("GetBoundary"),
            READERS,
            Text("Read the boundary of a grid at a moment", "查看某一时刻的网格边界"),
            query=AsOf,
            show="boundary",
        ),
        Route(
            "GET",
            f"{COUNTY}/boundaries.geojson",
            rpc("ListBoundaries"),
            READERS,
            Text("Map the grids of a subtree as GeoJSON", "以 GeoJSON 列出网格边界"),
            query=MapFilter,
            form=Form(content_type=geojson.CONTENT_TYPE, render=geojson.render),
        ),
        Route(
            "GET",
            f"{COUNTY}/grids:locate",
            rpc("LocateGrids"),
            ANYONE_SIGNED_IN,
            Text("Find the grids of a point, a code or a name", "按坐标、区划代码或名称查找网格"),
            query=Whereabouts,
        ),
        Route(
            "GET",
            f"{COUNTY}/grids:check",
            rpc("CheckGrids"),
            READERS,
            Text("Report how the grids cover the county", "检查网格覆盖与完整情况"),
            query=Tolerance,
            show="check",
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{COUNTY}/grids:import-file",
            rpc("ImportGrids"),
            CONFIGURERS,
            Text("Make grids of a file's rows", "由文件导入网格"),
            show="outcome",
            rows=Rows(
                columns=(
                    "code",
                    "name",
                    "level",
                    "parent_code",
                    "parent_name",
                    "unit_type",
                    "lon",
                    "lat",
                    "geometry",
                ),
                required=("name", "level"),
                geojson=True,
            ),
            deadline=120.0,
        ),
    ),
    headings={
        **GRID_HEADINGS,
        "code": "区划代码",
        "name": "网格名称",
        "level": "层级",
        "parent_code": "上级代码",
        "parent_name": "上级名称",
        "unit_type": "单位类型",
        "lon": "经度",
        "lat": "纬度",
        "geometry": "边界",
        "names": "名称路径",
        "special": "特殊网格",
        "area_km2": "面积(平方千米)",
        "match": "匹配方式",
    },
)
