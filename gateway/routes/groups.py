"""Leading groups, teams and bodies, with their members."""

from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import groups_service_pb2 as pb

rpc = rpcs("personnel", pb, "GroupService")
GROUPS, MEMBERS = f"{COUNTY}/groups", f"{COUNTY}/group-members"
GROUP = f"{GROUPS}/{{group_id}}"
IMPORTED = (
    "seat",
    "person_id",
    "person_name",
    "department_id",
    "body",
    "title",
    "source",
    "valid_from",
    "valid_to",
)
"""Columns of a file of members, named as members of the list."""


def change(verb: str, method: str, summary: Text) -> Route:
    """One verb of a group: all of them answer with the group as it is afterwards."""
    return Route("POST", f"{GROUP}:{verb}", rpc(method), summary, show="group")


SECTION = Section(
    "groups",
    Text("Leading groups, teams and bodies", "领导小组与队伍"),
    (
        Route(
            "POST",
            GROUPS,
            rpc("CreateGroup"),
            Text("Set a group up", "成立组织"),
            show="group",
            status=201,
            location="/v1/counties/{county_id}/groups/{group_id}",
        ),
        Route(
            "GET",
            GROUPS,
            rpc("ListGroups"),
            Text("List groups at a moment", "列出组织"),
        ),
        Route(
            "GET",
            GROUP,
            rpc("GetGroup"),
            Text("Read one group with its members at a moment", "查看组织及成员"),
        ),
        change("describe", "DescribeGroup", Text("Replace a group's description", "修改组织信息")),
        change("move", "MoveGroup", Text("Put a group under another one", "调整隶属")),
        change("end", "EndGroup", Text("Dissolve a group", "撤销组织")),
        change("link", "LinkGroupGrid", Text("Link a group to a grid", "对接网格")),
        change("unlink", "UnlinkGroupGrid", Text("End a link to a grid", "取消对接网格")),
        Route(
            "POST",
            f"{GROUP}/members",
            rpc("AddGroupMember"),
            Text("Add a member", "增加成员"),
            show="member",
            status=201,
        ),
        Route(
            "POST",
            f"{GROUP}/members:import",
            rpc("ImportGroupMembers"),
            Text("Add members from a file", "导入成员"),
            rows=Rows(columns=IMPORTED, required=("seat",)),
            deadline=60.0,
        ),
        Route(
            "GET",
            MEMBERS,
            rpc("ListGroupMembers"),
            Text("List members of groups at a moment", "列出成员"),
        ),
        Route(
            "POST",
            f"{MEMBERS}/{{member_id}}:end",
            rpc("EndGroupMember"),
            Text("End a member's time", "终止成员任期"),
            show="member",
        ),
    ),
    headings={
        "group_id": "组织标识",
        "kind": "类型",
        "parent_id": "上级组织",
        "chair_rule": "组长规则",
        "chairs": "组长名额",
        "office": "办公室",
        "quota": "编制数",
        "funding": "经费",
        "duties": "职责",
        "qualities": "选任条件",
        "linked_grid_ids": "对接网格",
        "member_id": "成员标识",
        "seat": "职务",
        "person_name": "姓名",
        "body": "单位名称",
        "title": "身份",
        "source": "力量来源",
        "training_kind": "培训类型",
        "trained_on": "培训日期",
    },
)
