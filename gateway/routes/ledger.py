"""The patrol ledger."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.patrols.v1 import ledger_service_pb2 as pb

rpc = rpcs("patrols", pb, "PatrolService")

SECTION = Section(
    "patrols",
    Text("Patrols", "巡查"),
    (
        Route(
            "POST",
            f"{COUNTY}/patrols:submit",
            rpc("SubmitPatrol"),
            Text("Hand in a patrol with its findings", "提交巡查台账"),
            show="patrol",
            status=201,
            location="/v1/counties/{county_id}/patrols/{patrol_id}",
        ),
        Route(
            "GET",
            f"{COUNTY}/patrols",
            rpc("ListPatrols"),
            Text("List patrols, newest first", "列出巡查台账"),
        ),
        Route(
            "GET",
            f"{COUNTY}/patrols/{{patrol_id}}",
            rpc("GetPatrol"),
            Text("Read one patrol", "查看巡查台账"),
            show="patrol",
        ),
        Route(
            "GET",
            f"{COUNTY}/ledgers/{{patroller_id}}:verify",
            rpc("VerifyLedger"),
            Text("Check that a patroller's ledger is whole", "核验巡查台账完整性"),
            deadline=60.0,
        ),
    ),
)
