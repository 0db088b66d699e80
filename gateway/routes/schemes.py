"""A county's scheme from its draft to its versions, and what it says."""

from marshmallow import fields, validate

from gateway.fields import Body, CountyId, Day, Document, Flag, Id, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import schemes_service_pb2 as pb

rpc = rpcs("grid", pb, "SchemeService")
ANYONE_SIGNED_IN = Rule.city(CITY_OPERATOR, CITY_SUPERVISOR, any_post=True)
CONFIGURERS = Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR}))
OPERATORS = Rule.city(CITY_OPERATOR)
DRAFT = f"{COUNTY}/scheme/draft"
LAST_VERSION = 2**31 - 1


def version_number(*, required: bool = False) -> fields.Integer:
    """The number of a published version."""
    return fields.Integer(required=required, strict=False, validate=validate.Range(1, LAST_VERSION))


class Nothing(Body):
    """No members."""


class DraftContent(Body):
    """The whole document, or a merge patch over the draft or the newest version."""

    document = Document(attribute="document_json")
    merge_patch = Document(attribute="merge_patch_json")
    based_on = version_number()


class Publication(Body):
    """The first day of the new version: today unless given."""

    effective_on = Day()


class Copying(Body):
    """The county whose scheme is wanted, and the version: the newest unless given."""

    from_county_id = CountyId(required=True)
    version = version_number()


class ShelfFilter(Paged):
    """Which schemes are wanted."""

    from_county_id = CountyId()


class OneVersion(Body):
    """The version's number."""

    version = version_number(required=True)
    version.attribute = "scheme_version"


class TwoVersions(Body):
    """The versions to compare."""

    earlier = version_number(required=True)
    later = version_number(required=True)


class Place(Body):
    """The place in question: a division code, or a grid; and the day, today unless given."""

    as_of = Day()
    admin_code = fields.String(validate=validate.Length(6, 12))
    grid_id = Id()


class OnDay(Body):
    """The day in question, today unless given."""

    as_of = Day()


class Switching(Body):
    """The switch, and how it is to stand; photo and track evidence record their ground."""

    feature = Words(64, required=True)
    on = Flag(required=True)
    ground = Words(2000)


class Why(Body):
    """The reason."""

    reason = Words(500, required=True)


SECTION = Section(
    "schemes",
    Text("Drafts and versions of schemes", "方案草稿与版本"),
    (
        Route(
            "GET",
            DRAFT,
            rpc("GetDraft"),
            CONFIGURERS,
            Text("Read the draft of the next version", "查看方案草稿"),
            show="draft",
        ),
        Route(
            "POST",
            DRAFT,
            rpc("SaveDraft"),
            CONFIGURERS,
            Text("Save the draft, with whatever faults it has", "保存方案草稿"),
            body=DraftContent,
            show="draft",
        ),
        Route(
            "POST",
            f"{DRAFT}:discard",
            rpc("DiscardDraft"),
            CONFIGURERS,
            Text("Throw the draft away", "放弃方案草稿"),
            body=Nothing,
        ),
        Route(
            "POST",
            f"{DRAFT}:validate",
            rpc("ValidateDraft"),
            CONFIGURERS,
            Text("Name every fault of the draft, and warnings", "校验方案草稿"),
            body=Nothing,
        ),
        Route(
            "POST",
            f"{DRAFT}:impact",
            rpc("PreviewDraft"),
            CONFIGURERS,
            Text("Say what publishing the draft would change", "预览方案草稿的影响"),
            body=Nothing,
            show="impact",
        ),
        Route(
            "POST",
            f"{DRAFT}:publish",
            rpc("PublishDraft"),
            CONFIGURERS,
            Text("Publish the draft as the next version", "发布方案草稿"),
            body=Publication,
            show="scheme",
            status=201,
        ),
        Route(
            "POST",
            f"{DRAFT}:copy",
            rpc("CopyScheme"),
            CONFIGURERS,
            Text("Make another county's scheme the draft", "复制其他县(市、区)方案为草稿"),
            body=Copying,
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/shelf",
            rpc("ListShelvedSchemes"),
            CONFIGURERS,
            Text("List schemes of all counties to copy", "列出可复制的各县(市、区)方案"),
            query=ShelfFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/versions",
            rpc("ListVersions"),
            ANYONE_SIGNED_IN,
            Text("List the published versions", "列出方案各版本"),
            query=Paged,
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/version",
            rpc("GetVersion"),
            ANYONE_SIGNED_IN,
            Text("Read one published version", "查看方案某一版本"),
            query=OneVersion,
            show="scheme",
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/differences",
            rpc("CompareVersions"),
            ANYONE_SIGNED_IN,
            Text("List where two versions differ", "比较方案两个版本"),
            query=TwoVersions,
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/effective",
            rpc("GetEffectiveScheme"),
            ANYONE_SIGNED_IN,
            Text("Read the scheme as it holds at a place", "查看某地实际适用的方案"),
            query=Place,
            show="scheme",
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme/status",
            rpc("GetSchemeStatus"),
            ANYONE_SIGNED_IN,
            Text("Read how far the scheme is", "查看方案建设进度"),
            show="status",
        ),
        Route(
            "GET",
            f"{COUNTY}/features",
            rpc("ListFeatures"),
            ANYONE_SIGNED_IN,
            Text("List what is switched on", "列出功能开关"),
            query=OnDay,
        ),
        Route(
            "POST",
            f"{COUNTY}/features:switch",
            rpc("SwitchFeature"),
            CONFIGURERS,
            Text("Switch a feature by a new version", "切换功能开关并发布新版本"),
            body=Switching,
            show="scheme",
            status=201,
        ),
        Route(
            "GET",
            f"{COUNTY}/departments",
            rpc("ListDepartments"),
            ANYONE_SIGNED_IN,
            Text("List departments with their duties", "列出部门及其职责"),
            query=OnDay,
        ),
        Route(
            "GET",
            f"{COUNTY}/categories",
            rpc("ListCategories"),
            ANYONE_SIGNED_IN,
            Text("List categories with who deals with each", "列出事项类别及负责部门"),
            query=OnDay,
        ),
        Route(
            "POST",
            f"{COUNTY}:suspend",
            rpc("SuspendCounty"),
            OPERATORS,
            Text("Suspend a county", "停用县(市、区)"),
            body=Why,
            show="county",
        ),
        Route(
            "POST",
            f"{COUNTY}:resume",
            rpc("ResumeCounty"),
            OPERATORS,
            Text("Resume a suspended county", "恢复县(市、区)"),
            body=Why,
            show="county",
        ),
        Route(
            "GET",
            f"{COUNTY}/states",
            rpc("ListCountyStates"),
            Rule.city(CITY_OPERATOR, CITY_SUPERVISOR),
            Text("List when and why the county was suspended", "列出县(市、区)停用与恢复记录"),
            query=Paged,
        ),
    ),
    headings={
        "effective_on": "生效日期",
        "publish_time": "发布时间",
        "from_county_id": "来源县(市、区)编号",
        "county_name": "县(市、区)名称",
        "template_id": "模板",
        "on": "启用",
        "stated": "方案已说明",
        "ground": "依据",
        "department_id": "部门编号",
        "default": "默认部门",
        "duties": "职责",
        "category_id": "类别编号",
        "parent": "上级类别",
        "leads": "牵头",
        "supervises": "监督",
        "participates": "参与",
        "assists": "配合",
        "gates": "前置把关",
        "falls_to": "无牵头时归口",
        "reason": "原因",
        "changed_by": "操作人",
        "change_time": "操作时间",
        "pointer": "位置",
        "change": "变化",
        "before": "变更前",
        "after": "变更后",
    },
)
