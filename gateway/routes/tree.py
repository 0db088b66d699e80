"""Grids."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import tree_service_pb2 as pb

rpc = rpcs("grid", pb, "GridService")


HEADINGS = {
    "name": "网格名称",
    "since": "现状起始时间",
    "is_base": "基础网格",
    "local_code": "本地编码",
    "details": "详情",
    "zones": "叠加分区",
}
"""What the members of a grid are called at the head of a table."""

SECTION = Section(
    "grids",
    Text("Grids", "网格"),
    (
        Route(
            "POST",
            f"{COUNTY}/grids:import",
            rpc("ImportDivisions"),
            Text("Make grids of administrative divisions", "由行政区划导入网格"),
            deadline=120.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/grids",
            rpc("ListGrids"),
            Text("List grids in path order", "按层级顺序列出网格"),
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}",
            rpc("GetGrid"),
            Text("Read one grid", "查看网格"),
            show="grid",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/ancestors",
            rpc("ListAncestors"),
            Text("List the grids above one, nearest first", "列出上级网格"),
        ),
    ),
    HEADINGS,
)
