"""Indicators and the records they rest on."""

from marshmallow import fields, validate

from gateway.fields import MAX_PAGE_SIZE, Body, Id
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.assessment.v1 import assessment_service_pb2 as pb

rpc = rpcs("assessment", pb, "AssessmentService")
READERS = Rule.needs("read")


class Extent(Body):
    """A grid's subtree and a period: the whole county and the current month unless given."""

    grid_id = Id()
    period = fields.String(
        validate=validate.Regexp(
            r"\d{4}(-(0[1-9]|1[0-2]))?\Z", error="Not a period: a month such as 2026-03, or a year."
        )
    )


class ExtentPage(Extent):
    """One page of the records in an extent."""

    page_size = fields.Integer(validate=validate.Range(1, MAX_PAGE_SIZE))
    page_token = fields.String(validate=validate.Length(1, 2048))


SECTION = Section(
    "indicators",
    Text("Indicators", "考核指标"),
    (
        Route(
            "GET",
            f"{COUNTY}/indicators",
            rpc("ListIndicators"),
            Rule(any_post=True),
            Text("List the definitions in force", "列出指标定义"),
        ),
        Route(
            "GET",
            f"{COUNTY}/indicators/{{indicator_id}}",
            rpc("GetIndicator"),
            READERS,
            Text("Compute an indicator", "计算指标"),
            query=Extent,
            deadline=30.0,
        ),
        Route(
            "GET",
            f"{COUNTY}/indicators/{{indicator_id}}/explain",
            rpc("ExplainIndicator"),
            READERS,
            Text("List the records behind a value", "查看指标依据"),
            query=ExtentPage,
            deadline=30.0,
        ),
    ),
)
