"""Files of pollution sources, and what lies around them."""

from gateway.routes.sources import SOURCE, SOURCES
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import source_files_service_pb2

rpc = rpcs("grid", source_files_service_pb2, "SourceFileService")
OBJECTS = f"{COUNTY}/ledger-objects"
OBJECT = f"{OBJECTS}/{{object_id}}"


SECTION = Section(
    "source-files",
    Text("Files of pollution sources", "污染源档案"),
    (
        Route(
            "GET",
            f"{SOURCE}/file",
            rpc("GetSourceFile"),
            Text("Read a source's file and what lacks in it", "查看一企一档及缺项"),
            show="file",
        ),
        Route(
            "POST",
            f"{SOURCE}/file-entries",
            rpc("AddSourceFileEntry"),
            Text("Put an entry into a source's file", "新增档案条目"),
            show="entry",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/source-file-entries/{{entry_id}}:update",
            rpc("UpdateSourceFileEntry"),
            Text("Change an entry of a file", "修改档案条目"),
            show="entry",
        ),
        Route(
            "GET",
            f"{SOURCES}:incomplete",
            rpc("ListIncompleteSourceFiles"),
            Text("List files that lack required parts", "列出档案缺项的污染源"),
        ),
        Route(
            "GET",
            f"{COUNTY}/source-events",
            rpc("ListSourceEvents"),
            Text("Read the ledger of supervision, newest first", "查看监管台账"),
        ),
        Route(
            "POST",
            OBJECTS,
            rpc("CreateLedgerObject"),
            Text(
                "Record a service organisation, sensitive point, water, project or equipment",
                "登记服务机构、敏感点、水体、整治项目或设备",
            ),
            show="object",
            status=201,
        ),
        Route(
            "GET",
            OBJECTS,
            rpc("ListLedgerObjects"),
            Text("List what lies around sources", "列出服务机构、敏感点、水体、整治项目和设备"),
        ),
        Route(
            "POST",
            f"{OBJECT}:update",
            rpc("UpdateLedgerObject"),
            Text("Change what was recorded", "修改登记对象"),
            show="object",
        ),
        Route(
            "POST",
            f"{OBJECT}:link",
            rpc("LinkSource"),
            Text("Link it to a source", "关联污染源"),
            show="object",
        ),
        Route(
            "POST",
            f"{OBJECT}:unlink",
            rpc("UnlinkSource"),
            Text("End a link to a source", "取消关联污染源"),
            show="object",
        ),
    ),
    headings={
        "event_id": "事件编号",
        "pollution_source_id": "污染源编号",
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
        "pollution_source_ids": "关联污染源",
        "missing": "缺项",
        "source": "污染源",
    },
)
