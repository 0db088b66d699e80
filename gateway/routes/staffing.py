"""Responsibility without gaps: leave, vacancies, the staffing check, changes of holder."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Choice, Flag, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import absences_pb2, posts_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb

rpc = rpcs("personnel", pb, "StaffingService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")
ITEMS = validate.Length(max=100)


class NewStandIn(Body):
    """Who stands in for one post, or that openly nobody does."""

    post_id = Id(required=True)
    stand_in_id = Id()
    uncovered = Flag()


class NewLeave(Body):
    """An absence: who stands in for all posts, or for each of them."""

    person_id = Id(required=True)
    kind = Choice(absences_pb2.LeaveKind.DESCRIPTOR, required=True)
    valid_from = Instant(required=True)
    valid_to = Instant(required=True)
    stand_in_id = Id()
    uncovered = Flag()
    stand_ins = fields.List(fields.Nested(NewStandIn), validate=ITEMS)


class LeaveEnd(Body):
    """When a leave ends, now unless given; its start cancels it."""

    valid_to = Instant()


class LeaveFilter(Paged):
    """Whose leave is wanted, and running at which moment."""

    person_id = Id()
    as_of = Instant()


class VacancyFilter(Paged):
    """Which vacancies are wanted, and at which moment."""

    as_of = Instant()
    grid_id = Id()


class CheckedAt(Paged):
    """The moment in question, now unless given."""

    as_of = Instant()


class Successor(Body):
    """Who takes the post over, and when: now unless given."""

    person_id = Id(required=True)
    at = Instant()


class PostTerms(Body):
    """What a post is about. What is not given is empty."""

    area = Words()
    duties = fields.List(Words(PARAGRAPH), validate=ITEMS)
    skills = fields.List(Words(), validate=ITEMS)
    attachment = Choice(posts_pb2.Attachment.DESCRIPTOR)
    basis = Words()


SECTION = Section(
    "staffing",
    Text("Responsibility without gaps", "责任无空白"),
    (
        Route(
            "POST",
            f"{COUNTY}/leaves",
            rpc("RecordLeave"),
            STAFF,
            Text("Record leave and who stands in", "登记请假与代班"),
            body=NewLeave,
            show="leave",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/leaves/{{leave_id}}:end",
            rpc("EndLeave"),
            STAFF,
            Text("End a leave early or cancel it", "提前结束或撤销请假"),
            body=LeaveEnd,
            show="leave",
        ),
        Route(
            "GET",
            f"{COUNTY}/leaves",
            rpc("ListLeaves"),
            READERS,
            Text("List leave", "列出请假记录"),
            query=LeaveFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/posts:vacancies",
            rpc("ListVacancies"),
            READERS,
            Text("List vacant posts and uncovered leave", "列出空缺岗位与无人代班岗位"),
            query=VacancyFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/staffing:check",
            rpc("CheckStaffing"),
            READERS,
            Text("Compare who is posted with the scheme's numbers", "人员配备检查"),
            query=CheckedAt,
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:hand-over",
            rpc("HandOver"),
            STAFF,
            Text("Hand a post over to a successor", "岗位交接"),
            body=Successor,
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:describe",
            rpc("DescribePost"),
            STAFF,
            Text("Say what a post is about", "填写岗位责任清单"),
            body=PostTerms,
            show="post",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/responsibility-archive",
            rpc("GetResponsibilityArchive"),
            READERS,
            Text("Read a grid's archive of responsibility", "查看网格责任分工档案"),
        ),
    ),
    headings={
        "leave_id": "请假编号",
        "stand_in_id": "代班人",
        "uncovered": "无人代班",
        "kind": "类别",
        "stand_ins": "代班安排",
        "vacancy_id": "空缺编号",
        "grid_name": "网格名称",
        "grid_path": "网格路径",
        "role_type": "岗位类型",
        "role_kind": "岗位类别",
        "title": "岗位名称",
        "required": "应配人数",
        "holders": "在岗人数",
        "since": "自",
        "until": "至",
        "min": "最少人数",
        "max": "最多人数",
        "reason": "说明",
        "area": "责任区",
        "duties": "责任清单",
        "skills": "技能",
        "attachment": "任职方式",
    },
)
