"""Counties, the templates they start from, their schemes and their first administrators."""

from marshmallow import fields, validate

from gateway.fields import Body, CountyId, Day, Document, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.grid.v1 import tree_service_pb2 as pb
from wangge.personnel.v1 import people_service_pb2 as personnel_pb

rpc = rpcs("grid", pb, "GridService")
personnel = rpcs("personnel", personnel_pb, "PersonnelService")
ANYONE_SIGNED_IN = Rule.city(CITY_OPERATOR, CITY_SUPERVISOR, any_post=True)


class NewCounty(Body):
    """A county to create of a template or another county's scheme, and what it changes in it."""

    county_id = CountyId(required=True)
    name = Words(required=True)
    admin_code = fields.String(validate=validate.Length(6, 12))
    template_id = Words()
    from_county_id = CountyId()
    settings = Document(attribute="settings_json")
    effective_on = Day()


class AsOfDay(Body):
    """The day in question, today unless given."""

    as_of = Day()


SECTION = Section(
    "counties",
    Text("Counties and schemes", "县(市、区)与方案"),
    (
        Route(
            "GET",
            "/v1/counties",
            rpc("ListCounties"),
            Rule.city(CITY_OPERATOR, CITY_SUPERVISOR),
            Text("List the city's counties", "列出全市各县(市、区)"),
            query=Paged,
        ),
        Route(
            "POST",
            "/v1/counties",
            rpc("CreateCounty"),
            Rule.city(CITY_OPERATOR),
            Text("Create a county from a template or a copy", "由模板或复制方案创建县(市、区)"),
            body=NewCounty,
            status=201,
            location="/v1/counties/{county[county_id]}",
            deadline=30.0,
        ),
        Route(
            "GET",
            COUNTY,
            rpc("GetCounty"),
            ANYONE_SIGNED_IN,
            Text("Read one county", "查看县(市、区)"),
            show="county",
        ),
        Route.of(
            "POST",
            f"{COUNTY}/admins",
            personnel("CreateCountyAdmin"),
            Text("Record a county's first administrator", "登记县(市、区)首位管理员"),
            status=201,
        ),
        Route(
            "GET",
            "/v1/templates",
            rpc("ListTemplates"),
            ANYONE_SIGNED_IN,
            Text("List the scheme templates", "列出方案模板"),
        ),
        Route(
            "GET",
            "/v1/templates/{template_id}",
            rpc("GetTemplate"),
            ANYONE_SIGNED_IN,
            Text("Read one template with its document", "查看方案模板"),
            show="template",
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme",
            rpc("GetScheme"),
            ANYONE_SIGNED_IN,
            Text("Read the scheme in force on a day", "查看某日有效的方案"),
            query=AsOfDay,
            show="scheme",
        ),
    ),
    {"name": "县区名称", "create_time": "开通时间"},
)
