"""Trainings and who attended."""

from gateway.routing import COUNTY, Route, Rows, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import trainings_service_pb2 as pb

rpc = rpcs("personnel", pb, "TrainingService")
TRAININGS = f"{COUNTY}/trainings"
TRAINING = f"{TRAININGS}/{{training_id}}"

SECTION = Section(
    "trainings",
    Text("Trainings", "培训"),
    (
        Route(
            "POST",
            f"{COUNTY}/training-kinds",
            rpc("SetTrainingKind"),
            Text("Set a kind of training and how long one counts", "设置培训类型及有效期"),
            show="training_kind",
        ),
        Route(
            "GET",
            f"{COUNTY}/training-kinds",
            rpc("ListTrainingKinds"),
            Text("List kinds of training", "列出培训类型"),
        ),
        Route(
            "POST",
            TRAININGS,
            rpc("RecordTraining"),
            Text("Record a training", "登记培训"),
            show="training",
            status=201,
            location="/v1/counties/{county_id}/trainings/{training_id}",
        ),
        Route(
            "GET",
            TRAININGS,
            rpc("ListTrainings"),
            Text("List trainings, newest first", "列出培训"),
        ),
        Route(
            "GET",
            f"{TRAININGS}:lacking",
            rpc("ListLackingTraining"),
            Text("List people who hold a post and lack a training", "列出应训未训人员"),
        ),
        Route(
            "GET",
            TRAINING,
            rpc("GetTraining"),
            Text("Read one training", "查看培训"),
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}:amend",
            rpc("AmendTraining"),
            Text("Correct a training", "更正培训"),
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}/attendance",
            rpc("RecordAttendance"),
            Text("Record who attended a training", "登记参训情况"),
            show="training",
        ),
        Route(
            "POST",
            f"{TRAINING}/attendance:import",
            rpc("ImportAttendance"),
            Text("Record attendance from a file", "导入参训情况"),
            rows=Rows(
                columns=("person_id", "person_name", "attended", "result", "file_reference"),
                required=("attended",),
            ),
            deadline=60.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/training-attendance",
            rpc("ListAttendance"),
            Text("List attendance", "列出参训情况"),
        ),
    ),
    headings={
        "training_id": "培训标识",
        "title": "标题",
        "held_on": "培训日期",
        "hours": "学时",
        "trainer": "授课人",
        "place": "地点",
        "content": "内容",
        "role_types": "培训对象",
        "attended_count": "参训人数",
        "called_count": "应训人数",
        "attended": "是否参训",
        "result": "考核结果",
        "file_reference": "证明材料",
        "validity_months": "有效期(月)",
        "last_held_on": "上次培训日期",
        "person_name": "姓名",
        "kind": "类型",
        "number": "证件号",
    },
)
