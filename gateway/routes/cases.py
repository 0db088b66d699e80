"""Cases, from intake to close."""

from marshmallow import Schema

from gateway.fields import PARAGRAPH, Body, Choice, Flag, Id, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.cases.v1 import case_pb2
from wangge.cases.v1 import case_service_pb2 as pb

rpc = rpcs("cases", pb, "CaseService")
CASE = f"{COUNTY}/cases/{{case_id}}"


class CaseFilter(Paged):
    """Which cases are wanted."""

    state = Choice(case_pb2.CaseState.DESCRIPTOR)
    category = Words()
    department_id = Words()
    grid_id = Id()
    source_id = Id()


class Note(Body):
    """A remark on the step."""

    note = Words(PARAGRAPH, minimum=0)


class Reason(Body):
    """Why, in the caller's words."""

    reason = Words(PARAGRAPH, required=True)


class Offer(Body):
    """The department to offer the case to; the one that leads for its category unless given."""

    to_department_id = Words()
    reason = Words(PARAGRAPH, minimum=0)


class Result(Body):
    """What was done, as the written answer."""

    result = Words(PARAGRAPH, required=True)


class Check(Body):
    """Whether the result holds on the spot."""

    passed = Flag(required=True)
    note = Words(PARAGRAPH, minimum=0)


def step(verb: str, method: str, capability: str, summary: Text, body: type[Schema]) -> Route:
    """One verb of a case: all of them answer with the case as it is afterwards."""
    return Route(
        "POST",
        f"{CASE}:{verb}",
        rpc(method),
        Rule.needs(capability),
        summary,
        body=body,
        show="case",
    )


SECTION = Section(
    "cases",
    Text("Cases", "案件"),
    (
        Route(
            "GET",
            f"{COUNTY}/cases",
            rpc("ListCases"),
            Rule.needs("read"),
            Text("List cases, newest first", "列出案件"),
            query=CaseFilter,
        ),
        Route(
            "GET",
            CASE,
            rpc("GetCase"),
            Rule.needs("read"),
            Text("Read one case", "查看案件"),
            show="case",
        ),
        Route(
            "GET",
            f"{CASE}/history",
            rpc("GetCaseHistory"),
            Rule.needs("read"),
            Text("Read a case's whole history", "查看案件流转记录"),
        ),
        step("accept", "AcceptCase", "accept", Text("Take a case on", "受理案件"), Note),
        step("reject", "RejectCase", "accept", Text("Refuse a case", "不予受理"), Reason),
        step(
            "transfer",
            "TransferCase",
            "transfer",
            Text("Offer a case to a department", "移交案件"),
            Offer,
        ),
        step(
            "acknowledge",
            "AcknowledgeCase",
            "accept_transfer",
            Text("Take over an offered case", "接收移交案件"),
            Note,
        ),
        step(
            "decline",
            "DeclineCase",
            "accept_transfer",
            Text("Give an offered case back", "退回移交案件"),
            Reason,
        ),
        step(
            "handle",
            "HandleCase",
            "handle",
            Text("Record what was done about a case", "办理案件"),
            Result,
        ),
        step(
            "verify",
            "VerifyCase",
            "verify",
            Text("Record whether the result holds on the spot", "核查案件"),
            Check,
        ),
        step("close", "CloseCase", "close", Text("Close a case", "办结案件"), Note),
    ),
)
