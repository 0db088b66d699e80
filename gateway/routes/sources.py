"""The ledger of pollution sources."""

from gateway.routing import COUNTY, Route, Rows, Section, columns_of, rpcs
from shared.errors import Text
from wangge.grid.v1 import sources_pb2, sources_service_pb2

rpc = rpcs("grid", sources_service_pb2, "SourceService")
SOURCES = f"{COUNTY}/sources"
SOURCE = f"{SOURCES}/{{pollution_source_id}}"
LISTS = f"{COUNTY}/source-lists"
SAID = columns_of(
    sources_pb2.CreateSourceRequest, frozenset({"grid_id", "key_object", "state", "off_list"})
)
"""What a row of a list says of a source, beside its grid."""


SECTION = Section(
    "sources",
    Text("Pollution sources", "污染源"),
    (
        Route(
            "GET",
            f"{COUNTY}/source-settings",
            rpc("GetSourceSettings"),
            Text("Read the county's source types, grades and zones", "查看污染源类型、等级和分区"),
        ),
        Route(
            "POST",
            SOURCES,
            rpc("CreateSource"),
            Text("Enter a pollution source", "登记污染源"),
            show="source",
            status=201,
            location="/v1/counties/{county_id}/sources/{pollution_source_id}",
        ),
        Route(
            "GET",
            SOURCES,
            rpc("ListSources"),
            Text("List pollution sources by grid", "按网格列出污染源"),
        ),
        Route(
            "GET",
            f"{SOURCES}:distribution",
            rpc("GetSourceDistribution"),
            Text("Count pollution sources by grid and key", "统计污染源分布"),
        ),
        Route(
            "GET",
            SOURCE,
            rpc("GetSource"),
            Text("Read one pollution source", "查看污染源"),
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:update",
            rpc("UpdateSource"),
            Text("Change a pollution source", "修改污染源"),
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:verify",
            rpc("VerifySource"),
            Text("Tell what was found on site", "填报现场核查结果"),
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:grade",
            rpc("GradeSource"),
            Text("Give a supervision grade", "划定监管等级"),
            show="source",
        ),
        Route(
            "GET",
            f"{SOURCE}/history",
            rpc("GetSourceHistory"),
            Text("Read looks on site, grades and lists of a source", "查看核查、定级和清单来源"),
        ),
        Route(
            "POST",
            LISTS,
            rpc("CreateSourceList"),
            Text("Record a list that a department supplied", "登记部门提供的清单"),
            show="list",
            status=201,
        ),
        Route(
            "GET",
            LISTS,
            rpc("ListSourceLists"),
            Text("List the departments' lists", "列出部门清单"),
        ),
        Route(
            "POST",
            f"{LISTS}/{{list_id}}:import",
            rpc("ImportSources"),
            Text("Take in the rows of a list", "导入清单"),
            rows=Rows(
                columns=("grid_code", "grid_name", *SAID),
                required=("name", "type"),
            ),
            deadline=120.0,
        ),
        Route(
            "GET",
            f"{LISTS}/{{list_id}}/progress",
            rpc("GetSourceListProgress"),
            Text("Tell how far a list was verified", "查看清单核查进度"),
        ),
    ),
)
