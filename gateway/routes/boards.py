"""Sign boards of grids."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import boards_service_pb2 as pb

rpc = rpcs("personnel", pb, "BoardService")


SECTION = Section(
    "boards",
    Text("Sign boards", "网格公示牌"),
    (
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/board",
            rpc("GetBoard"),
            Text("Read what a grid's sign board says", "查看网格公示牌内容"),
            show="board",
        ),
    ),
    headings={
        "level_name": "层级名称",
        "above": "上级网格",
        "area_km2": "面积(平方公里)",
        "office_place": "办公地点",
        "working_body": "工作机构",
        "responsible_body": "责任主体",
        "implementing_body": "实施主体",
        "responsible_units": "责任单元",
        "emphasis": "工作重点",
        "powers": "职权",
        "persons": "责任人员",
        "missing": "尚未填写",
        "boundary": "边界",
    },
)
