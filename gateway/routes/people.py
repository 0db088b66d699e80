"""People and their personal data."""

from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import accounts_service_pb2, people_service_pb2

person = rpcs("personnel", people_service_pb2, "PersonnelService")
account = rpcs("personnel", accounts_service_pb2, "AccountService")
IMPORTED = (
    *("person_id", "name", "phone", "identity_number", "employer", "force_source"),
    *("username", "role_type", "grid_code", "department_id"),
)
PERSON = f"{COUNTY}/people/{{person_id}}"

SECTION = Section(
    "people",
    Text("People", "人员"),
    (
        Route(
            "POST",
            f"{COUNTY}/people",
            person("CreatePerson"),
            Text("Record a person", "登记人员"),
            show="person",
            status=201,
            location="/v1/counties/{county_id}/people/{person_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/people",
            person("ListPeople"),
            Text("List people", "列出人员"),
        ),
        Route(
            "GET",
            f"{COUNTY}/people/{{person_id}}",
            person("GetPerson"),
            Text("Read one person", "查看人员"),
            show="person",
        ),
        Route(
            "POST",
            f"{PERSON}:update",
            account("UpdatePerson"),
            Text("Change a person's details", "修改人员信息"),
            show="person",
        ),
        Route(
            "POST",
            f"{PERSON}:reveal",
            account("RevealPersonalData"),
            Text("Read a person's phone or identity number unmasked", "查看人员完整信息(留痕)"),
        ),
        Route(
            "POST",
            f"{COUNTY}/people:import",
            account("ImportPeople"),
            Text("Record the people of a file, with accounts and posts", "导入人员(含账号与岗位)"),
            rows=Rows(columns=IMPORTED, required=("name",)),
            show="outcome",
            deadline=60.0,
        ),
        Route(
            "POST",
            f"{COUNTY}/people:look-up",
            account("LookUpPeople"),
            Text("Find people by phone or identity number", "按电话或身份号码查找人员"),
        ),
    ),
    headings={
        "identity_number": "公民身份号码",
        "employer": "所在单位",
        "force_source": "下沉力量来源",
        "name": "姓名",
        "phone": "电话",
        "reason": "理由",
        "username": "用户名",
        "role_type": "岗位类型",
        "grid_code": "网格区划代码",
        "department_id": "部门",
    },
)
