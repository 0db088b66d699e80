"""Indicators and the records they rest on."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.assessment.v1 import indicators_service_pb2 as pb

rpc = rpcs("assessment", pb, "AssessmentService")


SECTION = Section(
    "indicators",
    Text("Indicators", "考核指标"),
    (
        Route(
            "GET",
            f"{COUNTY}/indicators",
            rpc("ListIndicators"),
            Text("List the definitions in force", "列出指标定义"),
        ),
        Route(
            "GET",
            f"{COUNTY}/indicators/{{indicator_id}}",
            rpc("GetIndicator"),
            Text("Compute an indicator", "计算指标"),
            deadline=30.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/indicators/{{indicator_id}}/explain",
            rpc("ExplainIndicator"),
            Text("List the records behind a value", "查看指标依据"),
            deadline=30.0,
        ),
    ),
)
