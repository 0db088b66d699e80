"""Counties, the templates they start from, their schemes and their first administrators."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import tree_service_pb2 as pb
from wangge.personnel.v1 import people_service_pb2 as personnel_pb

rpc = rpcs("grid", pb, "GridService")
personnel = rpcs("personnel", personnel_pb, "PersonnelService")


SECTION = Section(
    "counties",
    Text("Counties and schemes", "县(市、区)与方案"),
    (
        Route(
            "GET",
            "/v1/counties",
            rpc("ListCounties"),
            Text("List the city's counties", "列出全市各县(市、区)"),
        ),
        Route(
            "POST",
            "/v1/counties",
            rpc("CreateCounty"),
            Text("Create a county from a template or a copy", "由模板或复制方案创建县(市、区)"),
            status=201,
            location="/v1/counties/{county[county_id]}",
            deadline=30.0,
        ),
        Route(
            "GET",
            COUNTY,
            rpc("GetCounty"),
            Text("Read one county", "查看县(市、区)"),
            show="county",
        ),
        Route(
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
            Text("List the scheme templates", "列出方案模板"),
        ),
        Route(
            "GET",
            "/v1/templates/{template_id}",
            rpc("GetTemplate"),
            Text("Read one template with its document", "查看方案模板"),
            show="template",
        ),
        Route(
            "GET",
            f"{COUNTY}/scheme",
            rpc("GetScheme"),
            Text("Read the scheme in force on a day", "查看某日有效的方案"),
            show="scheme",
        ),
    ),
    {"name": "县区名称", "create_time": "开通时间"},
)
