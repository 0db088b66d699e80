"""Responsibility letters, signed level by level."""

from marshmallow import validate

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.personnel.v1 import pledges_service_pb2 as pb

rpc = rpcs("personnel", pb, "PledgeService")
ROUNDS = f"{COUNTY}/pledge-rounds"
LETTER = f"{ROUNDS}/{{round_id}}/letters/{{grid_id}}"
YEARS = validate.Range(2000, 2100)
GOALS = 100


SECTION = Section(
    "pledges",
    Text("Responsibility letters", "责任书"),
    (
        Route(
            "POST",
            ROUNDS,
            rpc("CreatePledgeRound"),
            Text("Open a round of responsibility letters", "发起责任书签订"),
            show="round",
            status=201,
            location="/v1/counties/{county_id}/pledge-rounds/{round_id}",
        ),
        Route(
            "GET",
            ROUNDS,
            rpc("ListPledgeRounds"),
            Text("List rounds, newest first", "列出签订批次"),
        ),
        Route(
            "GET",
            f"{ROUNDS}/{{round_id}}",
            rpc("GetPledgeRound"),
            Text("Read one round", "查看签订批次"),
            show="round",
        ),
        Route(
            "POST",
            f"{ROUNDS}/{{round_id}}:close",
            rpc("ClosePledgeRound"),
            Text("End a round's signing", "结束签订"),
            show="round",
        ),
        Route(
            "GET",
            LETTER,
            rpc("GetPledge"),
            Text("Read a grid's letter", "查看网格责任书"),
            show="pledge",
        ),
        Route(
            "POST",
            f"{LETTER}:sign",
            rpc("SignPledge"),
            Text("Sign a letter for one side", "签订责任书"),
            show="pledge",
        ),
        Route(
            "POST",
            f"{LETTER}:reissue",
            rpc("ReissuePledge"),
            Text("Issue a new letter in the place of the one before", "重新下发责任书"),
            show="pledge",
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges",
            rpc("ListPledges"),
            Text("List a round's letters", "列出责任书"),
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges:unsigned",
            rpc("ListUnsignedPledges"),
            Text(
                "List the grids that have not signed, and who should sign", "列出未签订责任书的网格"
            ),
        ),
        Route(
            "GET",
            f"{COUNTY}/pledges:counts",
            rpc("CountPledges"),
            Text("Count a round's letters by township", "按乡镇统计责任书签订情况"),
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
