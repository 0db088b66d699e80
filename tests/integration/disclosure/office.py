"""A county's office: closed cases in the register, people with posts, and cases that answers."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
from sqlalchemy import text

from services.disclosure.register import usecases
from services.disclosure.register.domain import RegisterItem
from services.disclosure.store import make_transaction
from shared.contracts.cases import CaseClosed, MaskedPassages
from shared.db.transaction import UnitOfWork
from shared.redaction import redact
from tests.integration.service_fixtures import Databases, Tokens, bearer, context_of, grid_row
from tests.support.samples import event_of
from tests.support.waiting import LIMIT_SECONDS
from wangge.cases.v1 import case_pb2
from wangge.cases.v1 import case_service_pb2 as pb_cases
from wangge.cases.v1 import case_service_pb2_grpc as cases_grpc
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc

DOCUMENT: dict[str, Any] = {
    "categories": [{"id": "straw_burning", "name": "秸秆焚烧"}],
    "levels": [],
    "disclosure": {
        "publisher": "环委会办公室",
        "items": [
            {
                "id": "case_results",
                "name": "环境违法案件查处",
                "on": "case.closed.v1",
                "within": {"working_days": 20},
            },
            {"id": "duties_and_persons", "name": "各级网格的职责和责任人员"},
        ],
    },
}
VILLAGE, SIBLING = grid_row("3.41.", name="杜口村"), grid_row("3.42.", name="松岗村")
CLOSED = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
POSTS = {
    "admin": {"read": ["g:"], "publish": ["g:"]},
    "reviewer": {"read": ["g:"], "publish": ["g:"], "review": ["g:"]},
    "sibling": {"read": ["g:3.42."], "publish": ["g:3.42."], "review": ["g:3.42."]},
    "ecology": {"read": ["d:ecology"], "publish": ["d:ecology"], "review": ["d:ecology"]},
    "patroller": {"read": ["g:3.41."], "patrol": ["g:3.41."]},
}


@dataclass
class CasesServer(cases_grpc.CaseServiceServicer):
    """Answers GetCase over gRPC as cases would, and remembers with whose token it was asked."""

    address: str = ""
    cases: dict[tuple[str, str], case_pb2.Case] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    def GetCase(  # noqa: N802 - gRPC's name
        self, request: pb_cases.GetCaseRequest, context: grpc.ServicerContext
    ) -> pb_cases.GetCaseResponse:
        self.tokens.append(dict(context.invocation_metadata()).get("authorization", ""))
        found = self.cases.get((request.county_id, request.case_id))
        if found is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such case")
        return pb_cases.GetCaseResponse(case=found)


@contextmanager
def serving_cases() -> Iterator[CasesServer]:
    """A gRPC server with CaseService on a free port."""
    servicer = CasesServer()
    server = grpc.server(ThreadPoolExecutor(4))
    cases_grpc.add_CaseServiceServicer_to_server(servicer, server)
    servicer.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(grace=None).wait()


@dataclass
class Office:
    """One county: its register, its people, and what anyone may read."""

    channel: grpc.Channel
    databases: Databases
    cases: CasesServer
    token: Tokens
    county_id: str
    people: dict[str, str] = field(default_factory=dict)

    def bearer_of(self, post: str) -> str:
        """The token of whoever holds the post; always the same person."""
        if post not in self.people:
            self.admit(post, POSTS[post])
        return self.people[post]

    def admit(self, post: str, capabilities: Mapping[str, list[str]]) -> None:
        """Let somebody hold a post with these capabilities."""
        self.people[post] = self.token(county_id=self.county_id, capabilities=capabilities)

    def call(self, post: str, method: str, **given: Any) -> Any:
        """Call the register as the holder of a post."""
        request = getattr(pb, f"{method}Request")(**{"county_id": self.county_id, **given})
        stub = pb_grpc.DisclosureServiceStub(self.channel)
        return getattr(stub, method)(
            request, metadata=bearer(self.bearer_of(post)), timeout=LIMIT_SECONDS
        )

    def public(self, method: str, **given: Any) -> Any:
        """Call what anyone may read, without an account."""
        request = getattr(pb, f"{method}Request")(**{"county_id": self.county_id, **given})
        return getattr(pb_grpc.PublicServiceStub(self.channel), method)(
            request, timeout=LIMIT_SECONDS
        )

    def close_case(
        self,
        *,
        case_id: UUID | None = None,
        grid: Mapping[str, Any] = VILLAGE,
        closed_at: datetime = CLOSED,
        told: bool = False,
        responsible: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> list[RegisterItem]:
        """A case is closed: cases knows it, and the register gets what its event brings about.

        ``told``: the event says what may become public and who may read it; earlier ones did not.
        """
        case_id = case_id or uuid4()
        told_of = {"number": "430223-20260306-0001", "result": "已责令整改,当场扑灭。", **given}
        self.cases.cases[self.county_id, str(case_id)] = case_pb2.Case(
            county_id=self.county_id, case_id=str(case_id), category="straw_burning", **told_of
        )
        result = redact(told_of["result"])
        masked = tuple(MaskedPassages(kind=kind, count=n) for kind, n in result.counts.items())
        facts = event_of(
            CaseClosed,
            case_id=case_id,
            number=told_of["number"],
            grid_id=grid["grid_id"],
            responsible_grid_id=(responsible or grid)["grid_id"],
            category="straw_burning",
            result=result.text,
            masked=masked if told else None,
            reader_department_ids=("ecology",) if told else None,
        )
        unit_of_work = UnitOfWork(self.databases.engine("disclosure"), make_transaction)
        with unit_of_work(context_of(self.county_id)) as tx:
            return usecases.register_case(tx, "case.closed.v1", facts, closed_at)

    def item(self, **given: Any) -> str:
        """Id of the one item that a newly closed case brings about."""
        (item,) = self.close_case(**given)
        return str(item.item_id)

    def approved(self, **given: Any) -> str:
        """Id of an item that is submitted by one and approved by another."""
        item_id = self.item(**given)
        self.call("admin", "SubmitItem", item_id=item_id)
        self.call("reviewer", "ApproveItem", item_id=item_id)
        return item_id

    def published(self, **given: Any) -> Any:
        """The answer to publishing a new item."""
        return self.call("admin", "PublishItem", item_id=self.approved(**given))

    def events(self) -> list[dict[str, Any]]:
        """What the county's outbox holds."""
        return [orjson.loads(row.body) for row in self.rows("outbox", "event_id")]

    def rows(self, table: str, order: str) -> list[Any]:
        """All of the county's rows of a table, seen by the administrator."""
        with self.databases.admin_engine("disclosure").connect() as connection:
            statement = text(f"SELECT * FROM {table} WHERE county_id = :c ORDER BY {order}")
            return list(connection.execute(statement, {"c": self.county_id}))
