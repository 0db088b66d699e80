"""Steps that change more of a case than the table says; `move` makes those that do not."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.clocks import domain as clocks
from services.cases.clocks.domain import Limits
from services.cases.life.domain.case import Case
from services.cases.life.domain.transitions import TABLE, Action

OPENED = "opened"


def accept(case: Case, limits: Limits, now: datetime) -> Case:
    """The responsible grid takes the case on."""
    return move(case, Action.ACCEPT, limits, now, accepted_at=now)


def handle(case: Case, limits: Limits, now: datetime, by: UUID | None, result: str) -> Case:
    """The department or grid that has the case answers it in writing."""
    return move(case, Action.HANDLE, limits, now, handled_at=now, handled_by=by, result=result)


def verify(case: Case, limits: Limits, now: datetime, by: UUID | None) -> Case:
    """Somebody checked on site that the result holds."""
    return move(case, Action.VERIFY, limits, now, verified_at=now, verified_by=by)


def rework(case: Case, limits: Limits, now: datetime) -> Case:
    """The result does not hold: the department or grid that handled the case has it again."""
    return move(case, Action.REWORK, limits, now, handled_at=None, handled_by=None)


def close(case: Case, limits: Limits, now: datetime) -> Case:
    """The case ends."""
    return move(case, Action.CLOSE, limits, now, closed_at=now)


def move(
    case: Case,
    action: Action,
    limits: Limits,
    now: datetime,
    **changes: Any,
) -> Case:
    """The case one version on. The table decides the state and the clocks, the step the rest."""
    transition = TABLE[action]
    moved = replace(case, state=transition.target, version=case.version + 1, **changes)
    ticking = clocks.after(
        case.clocks,
        case.handled_at,
        owner=moved.owner,
        effect=transition.clocks,
        limits=limits,
        now=now,
    )
    return replace(moved, clocks=ticking)
