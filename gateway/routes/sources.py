"""The ledger of pollution sources."""

from marshmallow import fields, validate

from gateway.fields import Body, Choice, Day, Degrees, Flag, Id, Paged, QueryFlag, Words
from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import sources_pb2, sources_service_pb2

rpc = rpcs("grid", sources_service_pb2, "SourceService")
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))
WRITERS = Rule(any_post=True)
CONFIGURERS = Rule.needs("configure")
STATE = sources_pb2.DESCRIPTOR.enum_types_by_name["SourceState"]
VERIFICATION = sources_pb2.DESCRIPTOR.enum_types_by_name["SourceVerification"]
SOURCES = f"{COUNTY}/sources"
SOURCE = f"{SOURCES}/{{source_id}}"
LISTS = f"{COUNTY}/source-lists"
BY = ("grid", "type", "department", "grade", "zone", "state", "industry")


class NewSource(Body):
    """A source to enter."""

    grid_id = Id(required=True)
    name = Words(required=True)
    type = Words(required=True)
    grade = Words()
    key_object = Flag()
    credit_code = Words()
    address = Words()
    industry = Words()
    longitude = Degrees(180)
    latitude = Degrees(90)
    zone = Words()
    state = Choice(STATE)
    automatic_monitoring = Words()
    patrol_monitoring = Words()
    law_record = Words()
    off_list = Flag()


class SourceChange(Body):
    """What is to change; what is left out stays, an empty text clears."""

    grid_id = Id()
    name = Words()
    type = Words()
    credit_code = Words(minimum=0)
    address = Words(minimum=0)
    industry = Words(minimum=0)
    longitude = Degrees(180)
    latitude = Degrees(90)
    zone = Words(minimum=0)
    state = Choice(STATE)
    automatic_monitoring = Words(minimum=0)
    patrol_monitoring = Words(minimum=0)
    law_record = Words(minimum=0)


class SourceFilter(Paged):
    """Which sources are wanted; a grid stands for all below it too."""

    grid_id = Id()
    type = Words()
    grade = Words()
    department_id = Words()
    list_id = Id()
    object_id = Id()
    verification = Choice(VERIFICATION)
    state = Choice(STATE)
    key_object = QueryFlag()
    off_list = QueryFlag()
    zone = Words()
    industry = Words()
    name = Words()


class Found(Body):
    """What was found on site."""

    result = Choice(VERIFICATION, required=True)
    note = Words(1000)


class NewGrade(Body):
    """A grade to give, none to take it away, and why."""

    grade = Words(minimum=0)
    key_object = Flag()
    reason = Words(1000, required=True)


class NewSourceList(Body):
    """A list that a department supplied."""

    department_id = Words(required=True)
    title = Words(required=True)
    received_on = Day(required=True)


class ListFilter(Paged):
    """Which lists are wanted."""

    department_id = Words()


class OfGrid(Body):
    """The grid in question, the whole county unless given."""

    grid_id = Id()


class Spread(OfGrid):
    """What to count by, the grid unless given."""

    by = fields.String(validate=validate.OneOf(BY))


HEADINGS = {
    "source_id": "污染源编号",
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
        Route(
            "GET",
            f"{COUNTY}/source-settings",
            rpc("GetSourceSettings"),
            READERS,
            Text("Read the county's source types, grades and zones", "查看污染源类型、等级和分区"),
        ),
        Route(
            "POST",
            SOURCES,
            rpc("CreateSource"),
            WRITERS,
            Text("Enter a pollution source", "登记污染源"),
            body=NewSource,
            show="source",
            status=201,
            location="/v1/counties/{county_id}/sources/{source_id}",
        ),
        Route(
            "GET",
            SOURCES,
            rpc("ListSources"),
            READERS,
            Text("List pollution sources by grid", "按网格列出污染源"),
            query=SourceFilter,
        ),
        Route(
            "GET",
            f"{SOURCES}:distribution",
            rpc("GetSourceDistribution"),
            READERS,
            Text("Count pollution sources by grid and key", "统计污染源分布"),
            query=Spread,
        ),
        Route(
            "GET",
            SOURCE,
            rpc("GetSource"),
            READERS,
            Text("Read one pollution source", "查看污染源"),
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:update",
            rpc("UpdateSource"),
            WRITERS,
            Text("Change a pollution source", "修改污染源"),
            body=SourceChange,
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:verify",
            rpc("VerifySource"),
            WRITERS,
            Text("Tell what was found on site", "填报现场核查结果"),
            body=Found,
            show="source",
        ),
        Route(
            "POST",
            f"{SOURCE}:grade",
            rpc("GradeSource"),
            WRITERS,
            Text("Give a supervision grade", "划定监管等级"),
            body=NewGrade,
            show="source",
        ),
        Route(
            "GET",
            f"{SOURCE}/history",
            rpc("GetSourceHistory"),
            READERS,
            Text("Read looks on site, grades and lists of a source", "查看核查、定级和清单来源"),
        ),
        Route(
            "POST",
            LISTS,
            rpc("CreateSourceList"),
            CONFIGURERS,
            Text("Record a list that a department supplied", "登记部门提供的清单"),
            body=NewSourceList,
            show="list",
            status=201,
        ),
        Route(
            "GET",
            LISTS,
            rpc("ListSourceLists"),
            READERS,
            Text("List the departments' lists", "列出部门清单"),
            query=ListFilter,
        ),
        Route(
            "POST",
            f"{LISTS}/{{list_id}}:import",
            rpc("ImportSources"),
            CONFIGURERS,
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
        Route(
            "GET",
            f"{LISTS}/{{list_id}}/progress",
            rpc("GetSourceListProgress"),
            READERS,
            Text("Tell how far a list was verified", "查看清单核查进度"),
            query=OfGrid,
        ),
    ),
    headings=HEADINGS,
)
