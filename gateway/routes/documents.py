"""Written rules of a county, its levels and its grids."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.grid.v1 import documents_service_pb2 as pb

rpc = rpcs("grid", pb, "RuleService")


SECTION = Section(
    "rules",
    Text("Written rules and grid plans", "制度文件与网格方案"),
    (
        Route(
            "POST",
            f"{COUNTY}/rules",
            rpc("CreateRule"),
            Text("Record a written rule", "登记制度文件"),
            show="rule",
            status=201,
            location="/v1/counties/{county_id}/rules/{rule_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/rules",
            rpc("ListRules"),
            Text("List the rules in force on a day", "列出某日有效的制度文件"),
        ),
        Route(
            "GET",
            f"{COUNTY}/rules:missing",
            rpc("ListMissingRules"),
            Text("List grids without a document of a kind", "列出缺少某类文件的网格"),
        ),
        Route(
            "GET",
            f"{COUNTY}/plans:missing",
            rpc("ListMissingPlans"),
            Text("List grids that have not filed their plan", "列出未备案方案的网格"),
        ),
        Route(
            "GET",
            f"{COUNTY}/rules/{{rule_id}}",
            rpc("GetRule"),
            Text("Read a rule as it holds on a day", "查看某日有效的制度文件"),
            show="rule",
        ),
        Route(
            "GET",
            f"{COUNTY}/rules/{{rule_id}}/versions",
            rpc("ListRuleVersions"),
            Text("List all versions of a rule", "列出制度文件各版本"),
        ),
        Route(
            "POST",
            f"{COUNTY}/rules/{{rule_id}}:revise",
            rpc("ReviseRule"),
            Text("Add the next version of a rule", "增加制度文件新版本"),
            show="rule",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/rules/{{rule_id}}:file",
            rpc("FileRule"),
            Text("Record that it was filed with the office above", "登记向上级备案"),
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
