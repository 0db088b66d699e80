"""Leave and who stands in."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import staffing_service_pb2 as pb

rpc = rpcs("personnel", pb, "StaffingService")

SECTION = Section(
    "absences",
    Text("Leave", "请假与代班"),
    (
        Route(
            "POST",
            f"{COUNTY}/leaves",
            rpc("RecordLeave"),
            Text("Record leave and who stands in", "登记请假与代班"),
            show="leave",
            status=201,
        ),
        Route(
            "POST",
            f"{COUNTY}/leaves/{{leave_id}}:end",
            rpc("EndLeave"),
            Text("End a leave early or cancel it", "提前结束或撤销请假"),
            show="leave",
        ),
        Route(
            "GET",
            f"{COUNTY}/leaves",
            rpc("ListLeaves"),
            Text("List leave", "列出请假记录"),
        ),
    ),
    headings={
        "leave_id": "请假编号",
        "stand_in_id": "代班人",
        "uncovered": "无人代班",
        "kind": "类别",
        "stand_ins": "代班安排",
    },
)
