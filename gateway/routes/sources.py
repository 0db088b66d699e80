"""The ledger of pollution sources."""

from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import sources_service_pb2

rpc = rpcs("grid", sources_service_pb2, "SourceService")
SOURCES = f"{COUNTY}/sources"
SOURCE = f"{SOURCES}/{{pollution_source_id}}"
LISTS = f"{COUNTY}/source-lists"


HEADINGS = {
    "pollution_source_id": "污染源编号",
    "grid_code": "网格代码",
    "grid_name": "网格",
    "name": "名称",
    "type": "类型",
    "grade": "监管等级",
    "key_object": "重点监管对象",
    "credit_code": "统一社会信用代码",
    "address": "地址",
    "industry": "行业",
    "longitude": "经度",
    "latitude": "纬度",
    "zone": "养殖分区",
    "state": "经营状态",
    "verification": "核查结果",
    "verify_time": "核查时间",
    "off_list": "清单外",
    "automatic_monitoring": "自动监控",
    "patrol_monitoring": "巡查监控",
    "law_record": "守法情况",
    "cases_opened": "立案数",
    "cases_closed": "结案数",
    "departments": "提供部门",
    "list_id": "清单编号",
    "department_id": "部门",
    "title": "标题",
    "received_on": "收到日期",
    "sources": "污染源数",
    "supervision": "监管要求",
    "at_least": "至少次数",
    "per": "周期",
    "patrol_rules": "巡查规则",
}
SECTION = Section(
    "sources",
    Text("Pollution sources", "污染源"),
    (
        Route.of(
            "GET",
            f"{COUNTY}/source-settings",
            rpc("GetSourceSettings"),
            Text("Read the county's source types, grades and zones", "查看污染源类型、等级和分区"),
        ),
        Route.of(
            "POST",
            SOURCES,
            rpc("CreateSource"),
            Text("Enter a pollution source", "登记污染源"),
            show="source",
            status=201,
            location="/v1/counties/{county_id}/sources/{pollution_source_id}",
        ),
        Route.of(
            "GET",
            SOURCES,
            rpc("ListSources"),
            Text("List pollution sources by grid", "按网格列出污染源"),
        ),
        Route.of(
            "GET",
            f"{SOURCES}:distribution",
            rpc("GetSourceDistribution"),
            Text("Count pollution sources by grid and key", "统计污染源分布"),
        ),
        Route.of(
            "GET",
            SOURCE,
            rpc("GetSource"),
            Text("Read one pollution source", "查看污染源"),
            show="source",
        ),
        Route.of(
            "POST",
            f"{SOURCE}:update",
            rpc("UpdateSource"),
            Text("Change a pollution source", "修改污染源"),
            show="source",
        ),
        Route.of(
            "POST",
            f"{SOURCE}:verify",
            rpc("VerifySource"),
            Text("Tell what was found on site", "填报现场核查结果"),
            show="source",
        ),
        Route.of(
            "POST",
            f"{SOURCE}:grade",
            rpc("GradeSource"),
            Text("Give a supervision grade", "划定监管等级"),
            show="source",
        ),
        Route.of(
            "GET",
            f"{SOURCE}/history",
            rpc("GetSourceHistory"),
            Text("Read looks on site, grades and lists of a source", "查看核查、定级和清单来源"),
        ),
        Route.of(
            "POST",
            LISTS,
            rpc("CreateSourceList"),
            Text("Record a list that a department supplied", "登记部门提供的清单"),
            show="list",
            status=201,
        ),
        Route.of(
            "GET",
            LISTS,
            rpc("ListSourceLists"),
            Text("List the departments' lists", "列出部门清单"),
        ),
        Route.of(
            "POST",
            f"{LISTS}/{{list_id}}:import",
            rpc("ImportSources"),
            Text("Take in the rows of a list", "导入清单"),
            rows=Rows(
                columns=(
                    "name",
                    "credit_code",
                    "type",
                    "grade",
                    "grid_code",
                    "grid_name",
                    "address",
                    "industry",
                    "zone",
                    "longitude",
                    "latitude",
                    "automatic_monitoring",
                    "patrol_monitoring",
                    "law_record",
                ),
                required=("name", "type"),
            ),
            deadline=120.0,
        ),
        Route.of(
            "GET",
            f"{LISTS}/{{list_id}}/progress",
            rpc("GetSourceListProgress"),
            Text("Tell how far a list was verified", "查看清单核查进度"),
        ),
    ),
    headings=HEADINGS,
)
