"""Responsibility letters, signed level by level."""

from marshmallow import fields, validate

from gateway.fields import PARAGRAPH, Body, Choice, Id, Instant, Paged, Words
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.personnel.v1 import pledges_pb2
from wangge.personnel.v1 import pledges_service_pb2 as pb

rpc = rpcs("personnel", pb, "PledgeService")
STAFF, READERS = Rule.needs("staff"), Rule.needs("read")
ROUNDS = f"{COUNTY}/pledge-rounds"
LETTER = f"{ROUNDS}/{{round_id}}/letters/{{grid_id}}"
YEARS = validate.Range(2000, 2100)
GOALS = 100


class NewSigning(Body):
    """Which level signs with which level above (the county unless given), and whose holders sign."""

    level = Words(required=True)
    role_type = Words(required=True)
    upper_level = Words()
    upper_role_type = Words(required=True)


class NewRound(Body):
    """A year's campaign of letters, in the whole county unless a grid is given."""

    year = fields.Integer(required=True, validate=YEARS)
    title = Words(required=True)
    goals = fields.List(Words(PARAGRAPH), required=True, validate=validate.Length(1, GOALS))
    rewards = Words(PARAGRAPH)
    penalties = Words(PARAGRAPH)
    grid_id = Id()
    signings = fields.List(
        fields.Nested(NewSigning), required=True, validate=validate.Length(1, GOALS)
    )


class Nothing(Body):
    """No body is needed."""


class RoundFilter(Paged):
    """Rounds of which year are wanted."""

    year = fields.Integer(validate=YEARS)


class OfRound(Paged):
    """Letters of which round and level are wanted, and at which moment."""

    round_id = Id(required=True)
    level = Words()
    as_of = Instant()


class PledgeFilter(OfRound):
    """Which letters of a round are wanted."""

    state = Choice(pledges_pb2.PledgeState.DESCRIPTOR)


class CountOf(Body):
    """What is counted, and at which moment."""

    round_id = Id(required=True)
    level = Words()
    as_of = Instant()


class Signature(Body):
    """For which side one signs, and the hash of the text that one has read."""

    side = Choice(pledges_pb2.PledgeSide.DESCRIPTOR, required=True)
    text_hash = Words(64, required=True)


class NewLetter(Body):
    """Why a new letter takes the place of the one before, and what it says otherwise."""

    reason = Words(PARAGRAPH, required=True)
    goals = fields.List(Words(PARAGRAPH), validate=validate.Length(max=GOALS))
    rewards = Words(PARAGRAPH)
    penalties = Words(PARAGRAPH)


SECTION = Section(
    "pledges",
    Text("Responsibility letters", "责任书"),
    (
        Route(
            "POST",
            ROUNDS,
            rpc("CreatePledgeRound"),
            STAFF,
            Text("Open a round of responsibility letters", "发起责任书签订"),
            body=NewRound,
            show="round",
            status=201,
            location="/v1/counties/{county_id}/pledge-rounds/{round_id}",
        ),
        Route(
            "GET",
            ROUNDS,
            rpc("ListPledgeRounds"),
            READERS,
            Text("List rounds, newest first", "列出签订批次"),
            query=RoundFilter,
        ),
        Route(
            "GET",
            f"{ROUNDS}/{{round_id}}",
            rpc("GetPledgeRound"),
            READERS,
            Text("Read one round", "查看签订批次"),
            show="round",
        ),
        Route(
            "POST",
            f"{ROUNDS}/{{round_id}}:close",
            rpc("ClosePledgeRound"),
            STAFF,
            Text("End a round's signing", "结束签订"),
            body=Nothing,
            show="round",
        ),
        Route(
            "GET",
            LETTER,
            rpc("GetPledge"),
            READERS,
            Text("Read a grid's letter", "查看网格责任书"),
            show="pledge",
        ),
        Route(
            "POST",
            f"{LETTER}:sign",
            rpc("SignPledge"),
            READERS,
            Text("Sign a letter for one side", "签订责任书"),
            body=Signature,
            show="pledge",
        ),
        Route(
            "POST",
            f"{LETTER}:reissue",
            rpc("ReissuePledge"),
            STAFF,
            Text("Issue a new letter in the place of the one before", "重新下发责任书"),
            body=NewLetter,
            show="pledge",
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges",
            rpc("ListPledges"),
            READERS,
            Text("List a round's letters", "列出责任书"),
            query=PledgeFilter,
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges:unsigned",
            rpc("ListUnsignedPledges"),
            READERS,
            Text(
                "List the grids that have not signed, and who should sign", "列出未签订责任书的网格"
            ),
            query=OfRound,
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges:counts",
            rpc("CountPledges"),
            READERS,
            Text("Count a round's letters by township", "按乡镇统计责任书签订情况"),
            query=CountOf,
        ),
    ),
    headings={
        "round_id": "签订批次标识",
        "year": "年度",
        "title": "标题",
        "goals": "目标",
        "rewards": "奖励",
        "penalties": "处罚",
        "signings": "签订层级",
        "close_time": "结束时间",
        "level": "层级",
        "upper_grid_id": "上级网格标识",
        "upper_grid_name": "上级网格",
        "letter_id": "责任书标识",
        "number": "第几份",
        "text": "责任书内容",
        "text_hash": "内容摘要",
        "reason": "重发原因",
        "signatures": "签字",
        "awaited": "应签岗位",
        "awaited_names": "应签人员",
        "total": "应签数",
        "signed": "已签数",
        "partly_signed": "单方已签数",
    },
)
