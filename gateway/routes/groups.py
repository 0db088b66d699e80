"""Leading groups, teams and bodies, with their members."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Choice, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import groups_pb2
from wangge.personnel.v1 import groups_service_pb2 as pb

rpc = rpcs("personnel", pb, "GroupService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")
GROUPS, MEMBERS = f"{COUNTY}/groups", f"{COUNTY}/group-members"
GROUP = f"{GROUPS}/{{group_id}}"
ENTRIES = validate.Length(max=100)
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


class AboutGroup(Body):
    """What is told of a group; what is left out is not stated."""

    name = Words(required=True)
    chair_rule = Words()
    chairs = fields.Integer(validate=validate.Range(1, 2))
    office = Words()
    quota = fields.Integer(validate=validate.Range(0, 10_000))
    funding = Words(PARAGRAPH)
    duties = fields.List(Words(PARAGRAPH), validate=ENTRIES)
    qualities = fields.List(Words(), validate=ENTRIES)
    training_kind = Words(64)


class NewGroup(AboutGroup):
    """A group to set up, at a grid or (without one) at the county."""

    kind = Choice(groups_pb2.GroupKind.DESCRIPTOR, required=True)
    grid_id = Id()
    parent_id = Id()
    valid_from = Instant()


class GroupParent(Body):
    """The group to belong under; none unless given."""

    parent_id = Id()


class End(Body):
    """When it ends, now unless given."""

    valid_to = Instant()


class LinkedGrid(Body):
    """The grid to work for."""

    grid_id = Id(required=True)


class AsOf(Body):
    """The moment in question, now unless given."""

    as_of = Instant()


class GroupFilter(Paged):
    """Which groups are wanted, and at which moment."""

    kind = Choice(groups_pb2.GroupKind.DESCRIPTOR)
    grid_id = Id()
    linked_grid_id = Id()
    parent_id = Id()
    person_id = Id()
    as_of = Instant()


class NewMember(Body):
    """A member: exactly one of a person, a department, and a body by its title."""

    seat = Choice(groups_pb2.GroupSeat.DESCRIPTOR, required=True)
    person_id = Id()
    department_id = Words()
    body = Words()
    title = Words()
    source = Choice(groups_pb2.MemberSource.DESCRIPTOR)
    valid_from = Instant()
    valid_to = Instant()


class MemberFilter(Paged):
    """Which members are wanted, and at which moment."""

    group_id = Id()
    source = Choice(groups_pb2.MemberSource.DESCRIPTOR)
    seat = Choice(groups_pb2.GroupSeat.DESCRIPTOR)
    grid_id = Id()
    as_of = Instant()


def change(verb: str, method: str, summary: Text, body: type[Body]) -> Route:
    """One verb of a group: all of them answer with the group as it is afterwards."""
    return Route("POST", f"{GROUP}:{verb}", rpc(method), STAFF, summary, body=body, show="group")


SECTION = Section(
    "groups",
    Text("Leading groups, teams and bodies", "领导小组与队伍"),
    (
        Route(
            "POST",
            GROUPS,
            rpc("CreateGroup"),
            STAFF,
            Text("Set a group up", "成立组织"),
            body=NewGroup,
            show="group",
            status=201,
            location="/v1/counties/{county_id}/groups/{group_id}",
        ),
        Route(
            "GET",
            GROUPS,
            rpc("ListGroups"),
            READERS,
            Text("List groups at a moment", "列出组织"),
            query=GroupFilter,
        ),
        Route(
            "GET",
            GROUP,
            rpc("GetGroup"),
            READERS,
            Text("Read one group with its members at a moment", "查看组织及成员"),
            query=AsOf,
        ),
        change(
            "describe", "DescribeGroup", Text("Describe a group anew", "修改组织信息"), AboutGroup
        ),
        change("move", "MoveGroup", Text("Put a group under another one", "调整隶属"), GroupParent),
        change("end", "EndGroup", Text("Dissolve a group", "撤销组织"), End),
        change("link", "LinkGroupGrid", Text("Link a group to a grid", "对接网格"), LinkedGrid),
        change(
            "unlink", "UnlinkGroupGrid", Text("End a link to a grid", "取消对接网格"), LinkedGrid
        ),
        Route(
            "POST",
            f"{GROUP}/members",
            rpc("AddGroupMember"),
            STAFF,
            Text("Take a member in", "增加成员"),
            body=NewMember,
            show="member",
            status=201,
        ),
        Route(
            "POST",
            f"{GROUP}/members:import",
            rpc("ImportGroupMembers"),
            STAFF,
            Text("Take in members from a file", "导入成员"),
            rows=Rows(columns=IMPORTED, required=("seat",)),
            deadline=60.0,
        ),
        Route(
            "GET",
            MEMBERS,
            rpc("ListGroupMembers"),
            READERS,
            Text("List members of groups at a moment", "列出成员"),
            query=MemberFilter,
        ),
        Route(
            "POST",
            f"{MEMBERS}/{{member_id}}:end",
            rpc("EndGroupMember"),
            STAFF,
            Text("End a member's time", "终止成员任期"),
            body=End,
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
