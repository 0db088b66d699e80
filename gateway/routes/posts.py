"""Posts: appointing, ending, handing over."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import people_service_pb2, staffing_service_pb2

person = rpcs("personnel", people_service_pb2, "PersonnelService")
staffing = rpcs("personnel", staffing_service_pb2, "StaffingService")

SECTION = Section(
    "posts",
    Text("Posts", "岗位"),
    (
        Route(
            "POST",
            f"{COUNTY}/posts",
            person("AssignPost"),
            Text("Appoint a person to a post", "任命岗位"),
            show="post",
            status=201,
        ),
        Route(
            "GET",
            f"{COUNTY}/posts",
            person("ListPosts"),
            Text("List posts", "列出岗位"),
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:end",
            person("EndPost"),
            Text("End a post", "终止岗位"),
            show="post",
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:hand-over",
            staffing("HandOver"),
            Text("Hand a post over to a successor", "岗位交接"),
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:describe",
            staffing("DescribePost"),
            Text("Describe a post", "填写岗位责任清单"),
            show="post",
        ),
    ),
    headings={
        "title": "岗位名称",
        "area": "责任区",
        "duties": "责任清单",
        "skills": "技能",
        "attachment": "任职方式",
        "basis": "任命依据",
        "grid_path": "网格路径",
        "role_type": "岗位类型",
        "role_kind": "岗位类别",
    },
)
