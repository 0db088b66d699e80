"""Who answers for a grid, vacancies, and the staffing check."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import people_service_pb2, staffing_service_pb2

person = rpcs("personnel", people_service_pb2, "PersonnelService")
staffing = rpcs("personnel", staffing_service_pb2, "StaffingService")

SECTION = Section(
    "staffing",
    Text("Responsibility and staffing", "责任无空白"),
    (
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/responsible",
            person("FindResponsible"),
            Text("Find who is responsible for a grid at a moment", "查询某一时刻的网格责任人"),
        ),
        Route(
            "GET",
            f"{COUNTY}/posts:vacancies",
            staffing("ListVacancies"),
            Text("List vacant posts and uncovered leave", "列出空缺岗位与无人代班岗位"),
        ),
        Route(
            "GET",
            f"{COUNTY}/staffing:check",
            staffing("CheckStaffing"),
            Text("Compare who is posted with the scheme's numbers", "人员配备检查"),
        ),
        Route(
            "GET",
            f"{COUNTY}/grids/{{grid_id}}/responsibility-archive",
            staffing("GetResponsibilityArchive"),
            Text("Read a grid's archive of responsibility", "查看网格责任分工档案"),
        ),
    ),
    headings={
        "title": "岗位名称",
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
        "leave_id": "请假编号",
        "uncovered": "无人代班",
        "kind": "类别",
        "stand_ins": "代班安排",
        "vacancy_id": "空缺编号",
        "grid_path": "网格路径",
        "role_type": "岗位类型",
        "role_kind": "岗位类别",
        "required": "应配人数",
        "holders": "在岗人数",
        "since": "自",
        "until": "至",
        "min": "最少人数",
        "max": "最多人数",
        "reason": "说明",
    },
)
