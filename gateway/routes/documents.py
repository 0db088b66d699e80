"""Written rules of a county, its levels and its grids."""

from marshmallow import fields, validate

from gateway.fields import Body, Choice, Day, Flag, Id, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import documents_pb2
from wangge.grid.v1 import documents_service_pb2 as pb

rpc = rpcs("grid", pb, "RuleService")
KEEPERS = Rule.city(CITY_OPERATOR, any_post=True)
ANYONE_SIGNED_IN = Rule.city(CITY_OPERATOR, CITY_SUPERVISOR, any_post=True)
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))
KINDS = documents_pb2.RuleKind.DESCRIPTOR


class RuleWords(Body):
    """What a version says: its text, or the address where it can be read."""

    title = Words(required=True)
    number = Words()
    issuer = Words()
    trial = Flag()
    text = fields.String(validate=validate.Length(1, 200_000))
    url = fields.String(validate=validate.Length(1, 2000))
    effective_on = Day()


class NewRule(RuleWords):
    """A rule of a level, of a grid or, with neither, of the county."""

    kind = Choice(KINDS, required=True)
    level_id = Words(64)
    grid_id = Id()


class Filing(Body):
    """The office above that took the document."""

    office = Words(required=True)


class OnDay(Body):
    """The day in question, today unless given."""

    as_of = Day()


class RuleFilter(Paged):
    """Which rules are wanted, and on which day."""

    kind = Choice(KINDS)
    level_id = Words(64)
    grid_id = Id()
    as_of = Day()


class OnLevel(Paged):
    """The level whose grids are looked at; all unless given."""

    level_id = Words(64)


class OfKind(OnLevel):
    """The kind of document that is wanted of each grid."""

    kind = Choice(KINDS, required=True)


SECTION = Section(
    "rules",
    Text("Written rules and grid plans", "制度文件与网格方案"),
    (
        Route(
            "POST",
            f"{COUNTY}/rules",
            rpc("CreateRule"),
            KEEPERS,
            Text("Record a written rule", "登记制度文件"),
            body=NewRule,
            show="rule",
            status=201,
            location="/v1/counties/{county_id}/rules/{rule_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/rules",
            rpc("ListRules"),
            ANYONE_SIGNED_IN,
            Text("List the rules in force on a day", "列出某日有效的制度文件"),
            query=RuleFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/rules:missing",
            rpc("ListMissingRules"),
            READERS,
            Text("List grids without a document of a kind", "列出缺少某类文件的网格"),
            query=OfKind,
        ),
        Route(
            "GET",
            f"{COUNTY}/plans:missing",
            rpc("ListMissingPlans"),
            READERS,
            Text("List grids that have not filed their plan", "列出未备案方案的网格"),
            query=OnLevel,
        ),
        Route(
            "GET",
            f"{COUNTY}/rules/{{rule_id}}",
            rpc("GetRule"),
            ANYONE_SIGNED_IN,
            Text("Read a rule as it holds on a day", "查看某日有效的制度文件"),
            query=OnDay,
            show="rule",
        ),
        Route(
            "GET",
            f"{COUNTY}/rules/{{rule_id}}/versions",
            rpc("ListRuleVersions"),
            ANYONE_SIGNED_IN,
            Text("List all versions of a rule", "列出制度文件各版本"),
            query=Paged,
        ),
        Route(
            "POST",
            f"{COUNTY}/rules/{{rule_id}}:revise",
            rpc("ReviseRule"),
            KEEPERS,
            Text("Add the next version of a rule", "增加制度文件新版本"),
            body=RuleWords,
            show="rule",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/rules/{{rule_id}}:file",
            rpc("FileRule"),
            KEEPERS,
            Text("Record that it was filed with the office above", "登记向上级备案"),
            body=Filing,
            show="rule",
        ),
    ),
    headings={
        "rule_id": "文件编号",
        "title": "标题",
        "number": "文号",
        "issuer": "发文机关",
        "trial": "试行",
        "text": "正文",
        "url": "网址",
        "added_by": "登记人",
        "add_time": "登记时间",
        "file_time": "备案时间",
        "filed_by": "备案人",
        "office": "备案机关",
        "unfiled": "有文件未备案",
    },
)
