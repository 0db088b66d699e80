"""Counties with grids, and the ledger of their sources, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc

from shared.numbers import credit_check_character
from shared.rpc.errors import Problem
from tests.integration.grid.conftest import Grids, request_of
from tests.support.refusals import refusal
from tests.support.waiting import LIMIT_SECONDS
from wangge.grid.v1 import sources_service_pb2_grpc as pb_grpc
from wangge.table.v1 import table_pb2

TOWNSHIP = "430223126"
SETTINGS: Mapping[str, Any] = {
    "sources": {
        "grades": [
            {"id": "one", "name": "一级", "supervision": {"at_least": 2, "per": "month"}},
            {"id": "two", "name": "二级"},
        ],
        "minimum_count": 10,
        "file_standard": [
            {"id": "filing", "name": "备案", "required": True},
            {"id": "monitoring", "name": "监控", "required": True},
            {"id": "training", "name": "培训"},
        ],
    }
}


@dataclass
class Ledger:
    """One county's ledger, called as somebody who may do everything unless said."""

    grids: Grids
    stub: Any
    county_id: str
    village: Any
    village_b: Any
    township: Any

    def person(self, **capabilities: Sequence[str]) -> list[tuple[str, str]]:
        return self.grids.person(self.county_id, **capabilities)

    def call(self, method: str, who: Any = None, **members: Any) -> Any:
        request = request_of(method, county_id=self.county_id, **members)
        if who is None:
            who = self.person(read=["g:"], patrol=["g:"], configure=["g:"])
        return getattr(self.stub, method)(request, metadata=who, timeout=LIMIT_SECONDS)

    def refusal(self, method: str, who: Any = None, **members: Any) -> Problem:
        return refusal(self.call, method, who, **members)

    def source(self, grid: Any = None, who: Any = None, **members: Any) -> Any:
        """A source in a village, made up where nothing is said."""
        members.setdefault("name", f"测试场{uuid4().hex[:8]}")
        members.setdefault("type", "livestock_farming")
        members.setdefault("grid_id", (grid or self.village).grid_id)
        return self.call("CreateSource", who, **members).source

    def all(self, who: Any = None, **filters: Any) -> list[Any]:
        """Every source that the filters leave, over as many pages as it takes."""
        found: list[Any] = []
        token = ""
        while True:
            reply = self.call("ListSources", who, page_token=token, **filters)
            found += reply.sources
            token = reply.next_page_token
            if not token:
                return found

    def ids(self, who: Any = None, **filters: Any) -> set[str]:
        return {each.pollution_source_id for each in self.all(who, **filters)}

    def supplied(self, department_id: str = "ecology", title: str = "排污名单") -> Any:
        made = self.call(
            "CreateSourceList", department_id=department_id, title=title, received_on="2026-03-05"
        )
        return made.list

    def bring(self, list_id: str, *rows: Mapping[str, str], who: Any = None, **more: Any) -> Any:
        """Import rows, numbered as in a file."""
        sent = [
            table_pb2.Row(number=at, cells={"type": "排污企业", **row})
            for at, row in enumerate(rows, 2)
        ]
        return self.call("ImportSources", who, list_id=list_id, rows=sent, **more).outcome

    def events(self, key: str) -> list[dict[str, Any]]:
        return [event for event in self.grids.events(self.county_id) if key in event["type"]]


def code(number: int) -> str:
    """A credit code that is none of anybody's."""
    body = f"91430223{number:09}"
    return body + credit_check_character(body)


def make_ledger(
    grids: Grids, channel: grpc.Channel, county_id: str, settings: Mapping[str, Any] = SETTINGS
) -> Ledger:
    """A county with a township and its villages."""
    grids.create(county_id, settings=settings)
    grids.bring(county_id, TOWNSHIP)
    found = grids.all(county_id)
    township = next(grid for grid in found if grid.level_id == "township")
    villages = [grid for grid in found if grid.parent_id == township.grid_id]
    stub = pb_grpc.SourceServiceStub(channel)
    return Ledger(grids, stub, county_id, villages[0], villages[1], township)
