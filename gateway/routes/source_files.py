"""Files of pollution sources, and what lies around them."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Day, Degrees, Document, Flag, Id, Paged, Words
from gateway.routes.sources import HEADINGS, READERS, SOURCE, SOURCES, WRITERS
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import source_files_service_pb2

rpc = rpcs("grid", source_files_service_pb2, "SourceFileService")
OBJECTS = f"{COUNTY}/ledger-objects"
OBJECT = f"{OBJECTS}/{{object_id}}"
KINDS = ("service_organisation", "sensitive_point", "water", "remediation_project", "equipment")


class NewEntry(Body):
    """An entry to put into a file."""

    part = Words(required=True)
    title = Words(required=True)
    reference = Words()
    dated_on = Day()
    detail = Words(PARAGRAPH)
    treated = Flag()
    pollutant = Words()
    amount = fields.Float(validate=validate.Range(0))
    unit = Words()


class EntryChange(Body):
    """What is to change; what is left out stays, an empty text clears."""

    part = Words()
    title = Words()
    reference = Words(minimum=0)
    dated_on = Day()
    detail = Words(PARAGRAPH, minimum=0)
    treated = Flag()
    pollutant = Words(minimum=0)
    amount = fields.Float(validate=validate.Range(0))
    unit = Words(minimum=0)


class OfSubtree(Paged):
    """A grid and all below it; all within reach unless given."""

    grid_id = Id()


class EventFilter(OfSubtree):
    """Of which grid or source."""

    source_id = Id()


class NewObject(Body):
    """Something to record beside sources."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    grid_id = Id(required=True)
    name = Words(required=True)
    type = Words()
    state = Words()
    place = Words()
    longitude = Degrees(180)
    latitude = Degrees(90)
    details = Document(attribute="details_json")


class ObjectChange(Body):
    """What is to change; what is left out stays, an empty text clears."""

    grid_id = Id()
    name = Words()
    type = Words(minimum=0)
    state = Words(minimum=0)
    place = Words(minimum=0)
    longitude = Degrees(180)
    latitude = Degrees(90)
    details = Document(attribute="details_json")


class ObjectFilter(OfSubtree):
    """Which are wanted."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    source_id = Id()
    type = Words()
    state = Words()
    name = Words()


class OfSource(Body):
    """The source in question."""

    source_id = Id(required=True)


SECTION = Section(
    "source-files",
    Text("Files of pollution sources", "污染源档案"),
    (
        Route(
            "GET",
            f"{SOURCE}/file",
            rpc("GetSourceFile"),
            READERS,
            Text("Read a source's file and what lacks in it", "查看一企一档及缺项"),
            show="file",
        ),
        Route(
            "POST",
            f"{SOURCE}/file-entries",
            rpc("AddSourceFileEntry"),
            WRITERS,
            Text("Put an entry into a source's file", "新增档案条目"),
            body=NewEntry,
            show="entry",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/source-file-entries/{{entry_id}}:update",
            rpc("UpdateSourceFileEntry"),
            WRITERS,
            Text("Change an entry of a file", "修改档案条目"),
            body=EntryChange,
            show="entry",
        ),
        Route(
            "GET",
            f"{SOURCES}:incomplete",
            rpc("ListIncompleteSourceFiles"),
            READERS,
            Text("List files that lack required parts", "列出档案缺项的污染源"),
            query=OfSubtree,
        ),
        Route(
            "GET",
            f"{COUNTY}/source-events",
            rpc("ListSourceEvents"),
            READERS,
            Text("Read the ledger of supervision, newest first", "查看监管台账"),
            query=EventFilter,
        ),
        Route(
            "POST",
            OBJECTS,
            rpc("CreateLedgerObject"),
            WRITERS,
            Text(
                "Record a service organisation, sensitive point, water, project or equipment",
                "登记服务机构、敏感点、水体、整治项目或设备",
            ),
            body=NewObject,
            show="object",
            status=201,
        ),
        Route(
            "GET",
            OBJECTS,
            rpc("ListLedgerObjects"),
            READERS,
            Text("List what lies around sources", "列出服务机构、敏感点、水体、整治项目和设备"),
            query=ObjectFilter,
        ),
        Route(
            "POST",
            f"{OBJECT}:update",
            rpc("UpdateLedgerObject"),
            WRITERS,
            Text("Change what was recorded", "修改登记对象"),
            body=ObjectChange,
            show="object",
        ),
        Route(
            "POST",
            f"{OBJECT}:link",
            rpc("LinkSource"),
            WRITERS,
            Text("Link it to a source", "关联污染源"),
            body=OfSource,
            show="object",
        ),
        Route(
            "POST",
            f"{OBJECT}:unlink",
            rpc("UnlinkSource"),
            WRITERS,
            Text("End a link to a source", "取消关联污染源"),
            body=OfSource,
            show="object",
        ),
    ),
    headings={
        **HEADINGS,
        "event_id": "事件编号",
        "source_id": "污染源编号",
        "key": "事件",
        "about_id": "相关编号",
        "event_time": "时间",
        "facts": "内容",
        "object_id": "编号",
        "kind": "类别",
        "grid_name": "网格",
        "name": "名称",
        "type": "类型",
        "state": "状态",
        "place": "地点",
        "longitude": "经度",
        "latitude": "纬度",
        "details": "详情",
        "source_ids": "关联污染源",
        "missing": "缺项",
        "source": "污染源",
    },
)
