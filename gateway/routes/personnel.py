"""People, their posts, and who is responsible."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Choice, Id, Instant, Paged, QueryFlag, Secret, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import people_service_pb2 as pb
from wangge.personnel.v1 import posts_pb2

rpc = rpcs("personnel", pb, "PersonnelService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")


class NewPerson(Body):
    """A person to record; with a username and password, an account too."""

    name = Words(64, required=True)
    phone = fields.String(validate=validate.Length(1, 32))
    username = Words(64)
    password = Secret()
    identity_number = fields.String(validate=validate.Length(1, 32))
    employer = Words(64)
    force_source = Words(64)


class PeopleFilter(Paged):
    """Which people are wanted."""

    name = Words(64)
    role_type = Words()
    without_post = QueryFlag()


class NewPost(Body):
    """An appointment: to a grid, to a department, or to neither for a post at the county."""

    person_id = Id(required=True)
    role_type = Words(required=True)
    grid_id = Id()
    department_id = Words()
    valid_from = Instant()
    valid_to = Instant()
    area = Words()
    duties = fields.List(Words(PARAGRAPH), validate=validate.Length(max=100))
    skills = fields.List(Words(), validate=validate.Length(max=100))
    attachment = Choice(posts_pb2.Attachment.DESCRIPTOR)
    basis = Words()


class PostEnd(Body):
    """When a post ends, now unless given."""

    valid_to = Instant()


class PostFilter(Paged):
    """Which posts are wanted, and at which moment."""

    person_id = Id()
    grid_id = Id()
    department_id = Words()
    as_of = Instant()


class AtMoment(Body):
    """The moment in question, now unless given."""

    at = Instant()


SECTION = Section(
    "people",
    Text("People and posts", "人员与岗位"),
    (
        Route(
            "POST",
            f"{COUNTY}/people",
            rpc("CreatePerson"),
            STAFF,
            Text("Record a person", "登记人员"),
            body=NewPerson,
            show="person",
            status=201,
            location="/v1/counties/{county_id}/people/{person_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/people",
            rpc("ListPeople"),
            STAFF,
            Text("List people", "列出人员"),
            query=PeopleFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/people/{{person_id}}",
            rpc("GetPerson"),
            Rule(any_post=True),
            Text("Read one person", "查看人员"),
            show="person",
        ),
        Route(
            "POST",
            f"{COUNTY}/posts",
            rpc("AssignPost"),
            STAFF,
            Text("Appoint a person to a post", "任命岗位"),
            body=NewPost,
            show="post",
            status=201,
        ),
        Route(
            "GET",
            f"{COUNTY}/posts",
            rpc("ListPosts"),
            READERS,
            Text("List posts", "列出岗位"),
            query=PostFilter,
        ),
        Route(
            "POST",
            f"{COUNTY}/posts/{{post_id}}:end",
            rpc("EndPost"),
            STAFF,
            Text("End a post", "终止岗位"),
            body=PostEnd,
            show="post",
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/responsible",
            rpc("FindResponsible"),
            READERS,
            Text("Name who is responsible for a grid at a moment", "查询某一时刻的网格责任人"),
            query=AtMoment,
        ),
    ),
    headings={
        "identity_number": "公民身份号码",
        "employer": "所在单位",
        "force_source": "下沉力量来源",
        "name": "姓名",
        "title": "岗位名称",
        "phone": "电话",
        "area": "责任区",
        "duties": "责任清单",
        "skills": "技能",
        "attachment": "任职方式",
        "basis": "任命依据",
        "standing": "责任身份",
        "grid_name": "网格名称",
        "person_name": "姓名",
        "away": "请假中",
        "away_until": "请假至",
        "stand_in_id": "代班人",
        "stand_in_name": "代班人姓名",
    },
)
