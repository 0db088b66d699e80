"""Cases, from intake to close."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.cases.v1 import case_service_pb2 as pb

rpc = rpcs("cases", pb, "CaseService")
CASE = f"{COUNTY}/cases/{{case_id}}"


def step(verb: str, method: str, summary: Text) -> Route:
    """One verb of a case: all of them answer with the case as it is afterwards."""
    return Route("POST", f"{CASE}:{verb}", rpc(method), summary, show="case")


SECTION = Section(
    "cases",
    Text("Cases", "案件"),
    (
        Route(
            "GET",
            f"{COUNTY}/cases",
            rpc("ListCases"),
            Text("List cases, newest first", "列出案件"),
        ),
        Route("GET", CASE, rpc("GetCase"), Text("Read one case", "查看案件"), show="case"),
        Route(
            "GET",
            f"{CASE}/history",
            rpc("GetCaseHistory"),
            Text("Read a case's whole history", "查看案件流转记录"),
        ),
        step("acknowledge", "AcceptCase", Text("Take a case on", "受理案件")),
        step("reject", "RejectCase", Text("Refuse a case", "不予受理")),
        step("transfer", "TransferCase", Text("Offer a case to a department", "移交案件")),
        step(
            "accept-transfer", "AcknowledgeCase", Text("Take over an offered case", "接收移交案件")
        ),
        step("decline", "DeclineCase", Text("Give an offered case back", "退回移交案件")),
        step("handle", "HandleCase", Text("Record what was done about a case", "办理案件")),
        step(
            "verify",
            "VerifyCase",
            Text("Record whether the result holds on the spot", "核查案件"),
        ),
        step("close", "CloseCase", Text("Close a case", "办结案件")),
    ),
)
