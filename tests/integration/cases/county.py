"""A county with a township, two villages and two departments, and people with posts in each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.cases.intake.domain import Report
from services.cases.intake.usecases import open_case
from services.cases.life.domain.case import Case, Origin
from services.cases.store import CasesTransaction
from shared.context import RequestContext
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import bearer, grid_row
from tests.support.waiting import LIMIT_SECONDS
from wangge.cases.v1 import case_pb2, case_service_pb2_grpc
from wangge.cases.v1 import case_service_pb2 as pb

TOWNSHIP, VILLAGE, SIBLING = UUID(int=3), UUID(int=41), UUID(int=42)
DOCUMENT: dict[str, Any] = {
    "levels": [{"id": "township"}, {"id": "village"}],
    "categories": [{"id": "straw_burning"}, {"id": "noise"}],
    "departments": [
        {"id": "ecology", "duties": [{"category": "straw_burning", "mode": "lead"}]},
        {"id": "police", "duties": []},
    ],
    "cases": {
        "powers": [{"level": "township", "may": ["accept", "transfer", "close"]}],
        "clocks": [
            {
                "kind": "acknowledge",
                "from": "opened",
                "stops": "accepted",
                "within": {"working_days": 1},
            },
            {"kind": "dispose", "from": "opened", "stops": "handled", "within": None},
            {"kind": "check", "from": "handled", "stops": "verified", "within": {"hours": 24}},
        ],
    },
}
GRIDS = [
    grid_row("3.", grid_id=TOWNSHIP, level_id="township", rank="township"),
    grid_row("3.41.", grid_id=VILLAGE, parent_id=TOWNSHIP),
    grid_row("3.42.", grid_id=SIBLING, parent_id=TOWNSHIP),
]
POSTS: dict[str, dict[str, Sequence[str]]] = {
    "township": {name: ["g:3."] for name in ("read", "accept", "transfer", "handle", "close")},
    "villager": {name: ["g:3.41."] for name in ("read", "verify", "report")},
    "sibling": {name: ["g:3.42."] for name in ("read", "verify", "report")},
    "ecology": {name: ["d:ecology"] for name in ("read", "accept_transfer", "handle")},
    "police": {name: ["d:police"] for name in ("read", "accept_transfer", "handle")},
    "office": {"read": ["g:"]},
}


class Person:
    """Somebody with a post, who calls the service with a token of their own."""

    def __init__(
        self, stub: case_service_pb2_grpc.CaseServiceStub, token: str, county_id: str, me: UUID
    ) -> None:
        self._stub = stub
        self._metadata = bearer(token)
        self.county_id = county_id
        self.person_id = me

    def call(self, method: str, **given: Any) -> Any:
        request = getattr(pb, f"{method}Request")(**{"county_id": self.county_id, **given})
        return getattr(self._stub, method)(request, metadata=self._metadata, timeout=LIMIT_SECONDS)

    def take(self, step: str, case_id: str, **given: Any) -> case_pb2.Case:
        """Take a step: ``take("Accept", case_id)``."""
        return self.call(f"{step}Case", case_id=case_id, **given).case

    def get(self, case_id: str) -> case_pb2.Case:
        return self.call("GetCase", case_id=case_id).case

    def ids(self, **given: Any) -> list[str]:
        return [case.case_id for case in self.call("ListCases", **given).cases]


class County:
    """One county of the test: its people, and a way for cases to come in."""

    def __init__(
        self,
        county_id: str,
        unit_of_work: UnitOfWork[CasesTransaction],
        person: Callable[..., Person],
    ) -> None:
        self.county_id = county_id
        self.unit_of_work = unit_of_work
        self._person = person
        self._people: dict[str, Person] = {}

    def __getattr__(self, post: str) -> Person:
        if post not in POSTS:
            raise AttributeError(post)
        if post not in self._people:
            self._people[post] = self.somebody(**POSTS[post])
        return self._people[post]

    def somebody(self, **capabilities: Sequence[str]) -> Person:
        return self._person(self.county_id, capabilities)

    def context(self) -> RequestContext:
        return RequestContext(self.county_id, str(uuid4()))

    def open(self, now: datetime | None = None, **given: Any) -> Case | None:
        report = Report(
            origin=Origin.FINDING,
            origin_id=str(uuid4()),
            grid_id=VILLAGE,
            category="straw_burning",
            description="地里在烧秸秆",
            reporter_id=uuid4(),
        )
        with self.unit_of_work(self.context()) as tx:
            return open_case(tx, replace(report, **given), now or datetime.now(UTC))

    def opened(self, **given: Any) -> str:
        case = self.open(**given)
        assert case is not None
        return str(case.case_id)

    def handled(self) -> str:
        """A case that the department ecology took over and handled."""
        case_id = self.opened()
        self.township.take("Accept", case_id)
        self.township.take("Transfer", case_id)
        self.ecology.take("Acknowledge", case_id)
        self.ecology.take("Handle", case_id, result="已扑灭,联系人 13800138000")
        return case_id


MakeCounty = Callable[..., County]
Outbox = Callable[[str], list[tuple[str, dict[str, Any]]]]
