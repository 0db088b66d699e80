"""The patrol ledger."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Degrees, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.patrols.v1 import ledger_service_pb2 as pb

rpc = rpcs("patrols", pb, "PatrolService")


class NewFinding(Body):
    """Something wrong that the patrol met."""

    category = Words(required=True)
    description = Words(PARAGRAPH, required=True)
    found_time = Instant(required=True)
    longitude = Degrees(180)
    latitude = Degrees(90)
    stopped_by = Words(PARAGRAPH)
    address = Words()
    source_id = Id()


class NewSignature(Body):
    """The patroller's name under the record."""

    sign_time = Instant(required=True)
    content_hash = fields.String(validate=validate.Length(equal=64))


class NewPatrol(Body):
    """A whole patrol with what it found, under the id the device gave it."""

    client_id = Words(128, required=True)
    grid_id = Id(required=True)
    start_time = Instant(required=True)
    end_time = Instant(required=True)
    summary = Words(PARAGRAPH, minimum=0)
    findings = fields.List(fields.Nested(NewFinding), validate=validate.Length(max=100))
    signature = fields.Nested(NewSignature, required=True)
    source_ids = fields.List(Id(), validate=validate.Length(max=100))


class PatrolFilter(Paged):
    """Which patrols are wanted."""

    grid_id = Id()
    patroller_id = Id()


SECTION = Section(
    "patrols",
    Text("Patrols", "巡查"),
    (
        Route(
            "POST",
            f"{COUNTY}/patrols:submit",
            rpc("SubmitPatrol"),
            Rule.needs("patrol"),
            Text("Hand in a signed patrol with its findings", "提交巡查台账"),
            body=NewPatrol,
            show="patrol",
            status=201,
            location="/v1/counties/{county_id}/patrols/{patrol_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/patrols",
            rpc("ListPatrols"),
            Rule.needs("read"),
            Text("List patrols, newest first", "列出巡查台账"),
            query=PatrolFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/patrols/{{patrol_id}}",
            rpc("GetPatrol"),
            Rule.needs("read"),
            Text("Read one patrol", "查看巡查台账"),
            show="patrol",
        ),
        Route(
            "GET",
            f"{COUNTY}/ledgers/{{patroller_id}}:verify",
            rpc("VerifyLedger"),
            Rule.needs("read"),
            Text("Check that a patroller's ledger is whole", "核验巡查台账完整性"),
            deadline=60.0,
        ),
    ),
)
