"""Where grids lie, what lies where, and grids from files."""

from gateway import geojson
from gateway.routes.tree import HEADINGS as GRID_HEADINGS
from gateway.routing import COUNTY, Form, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import geometry_service_pb2 as pb

rpc = rpcs("grid", pb, "PlaceService")


SECTION = Section(
    "places",
    Text("Boundaries and places", "边界与定位"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids/{{grid_id}}/boundary",
            rpc("SetBoundary"),
            Text("Record where a grid lies from a moment on", "登记网格边界"),
            show="boundary",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/boundary",
            rpc("GetBoundary"),
            Text("Read the boundary of a grid at a moment", "查看某一时刻的网格边界"),
            show="boundary",
        ),
        Route(
            "GET",
            f"{COUNTY}/boundaries.geojson",
            rpc("ListBoundaries"),
            Text("Map the grids of a subtree as GeoJSON", "以 GeoJSON 列出网格边界"),
            form=Form(content_type=geojson.CONTENT_TYPE, render=geojson.render),
        ),
        Route(
            "GET",
            f"{COUNTY}/grids:locate",
            rpc("LocateGrids"),
            Text("Find the grids of a point, a code or a name", "按坐标、区划代码或名称查找网格"),
        ),
        Route(
            "GET",
            f"{COUNTY}/grids:check",
            rpc("CheckGrids"),
            Text("Report how the grids cover the county", "检查网格覆盖与完整情况"),
            show="check",
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{COUNTY}/grids:import-file",
            rpc("ImportGrids"),
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
