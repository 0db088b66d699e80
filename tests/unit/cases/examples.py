"""Cases and callers as the unit tests need them. People and places are made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.clocks.domain import Clock, Limits
from services.cases.intake import domain as intake
from services.cases.intake.domain import Report
from services.cases.life.domain import steps
from services.cases.life.domain.case import Case, Origin, State, Transfer, TransferState
from services.cases.transfers import domain as transfers
from shared.context import RequestContext
from shared.structure.scheme import Scheme
from shared.structure.store import Grid

FRIDAY = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
"""Friday 2026-03-06, 10:00 in the county; no holiday is near."""

TOWNSHIP = UUID(int=3)
VILLAGE = UUID(int=41)
HOUR = timedelta(hours=1)
ECOLOGY = "department:ecology"
ME = UUID(int=1000)
HANDLER = UUID(int=1001)

DOCUMENT: dict[str, Any] = {
    "levels": [{"id": "township"}, {"id": "village"}],
    "categories": [{"id": "straw_burning"}, {"id": "noise"}],
    "departments": [
        {"id": "ecology", "duties": [{"category": "straw_burning", "mode": "lead"}]},
        {"id": "police", "duties": [{"category": "straw_burning", "mode": "assist"}]},
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
            {
                "kind": "dispose",
                "from": "opened",
                "stops": "handled",
                "within": {"working_days": 7},
            },
            {"kind": "sign", "from": "transferred", "stops": "transfer_accepted", "within": None},
            {"kind": "check", "from": "handled", "stops": "verified", "within": {"hours": 24}},
        ],
    },
}
SCHEME = Scheme(1, DOCUMENT)
LIMITS = Limits(SCHEME.clocks, SCHEME.calendar)


def grid(grid_id: UUID, path: str, level_id: str) -> Grid:
    since = datetime(2020, 1, 1, tzinfo=UTC)
    return Grid(grid_id, 1, None, path, level_id, level_id, level_id, "网格", None, since, None)


UPWARD = [grid(VILLAGE, "3.41.", "village"), grid(TOWNSHIP, "3.", "township")]


def a_report(**given: Any) -> Report:
    report = Report(
        origin=Origin.FINDING,
        origin_id=str(UUID(int=7)),
        grid_id=VILLAGE,
        category="straw_burning",
        description="地里在烧秸秆",
    )
    return replace(report, **given)


def opened(scheme: Scheme = SCHEME, now: datetime = FRIDAY, **given: Any) -> Case:
    return intake.opened(
        a_report(**given),
        UPWARD,
        scheme,
        county_id="430223",
        case_id=UUID(int=9),
        number="430223-20260306-0001",
        now=now,
    )


def offer(department: str = "ecology", now: datetime = FRIDAY) -> Transfer:
    return Transfer(UUID(int=55), department, "属其职责", TransferState.OFFERED, now, ME)


def in_state(state: State, *, department: str = "", verified: bool = False) -> Case:
    """A case in any state, with what belongs to that state."""
    case = replace(opened(), state=state, department_id=department)
    if state is State.TRANSFERRING:
        case = replace(case, transfers=(offer(),))
    if state is State.HANDLED:
        case = replace(case, handled_at=FRIDAY, handled_by=HANDLER, result="已处置")
    return replace(case, verified_at=FRIDAY) if verified else case


def handled_by_department() -> Case:
    """A case that went to a department and was answered there, an hour a step."""
    case = steps.accept(opened(), LIMITS, FRIDAY + HOUR)
    case = transfers.transfer(case, LIMITS, FRIDAY + 2 * HOUR, offer(now=FRIDAY + 2 * HOUR))
    case = transfers.accept(case, LIMITS, FRIDAY + 3 * HOUR, HANDLER)
    return steps.handle(case, LIMITS, FRIDAY + 4 * HOUR, HANDLER, "已扑灭")


def clock(case: Case, kind: str) -> Clock:
    """The last clock of the kind."""
    return [c for c in case.clocks if c.kind == kind][-1]


def caller(**capabilities: list[str]) -> RequestContext:
    scopes = {name: tuple(given) for name, given in capabilities.items()}
    return RequestContext("430223", "correlation", actor_id=ME, capabilities=scopes)


def never(*_: str) -> bool:
    """A county that gives its levels no power."""
    return False


def always(*_: str) -> bool:
    """A county that gives its levels every power."""
    return True
