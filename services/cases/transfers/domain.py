"""Offering a case to a department, and the answers."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.cases.clocks.domain import Limits
from services.cases.life.domain.case import Case, Transfer, TransferState
from services.cases.life.domain.steps import move
from services.cases.life.domain.transitions import Action
from shared.errors import (
    FailedPrecondition,
    Text,
)

UNKNOWN_DEPARTMENT = Text(
    "The county's scheme has no such department; name one of its departments, "
    "or leave this out for the one that leads.",
    "本县方案中没有该部门;请填写方案中的部门,或留空由牵头部门办理。",
)


class NoLeadDepartment(FailedPrecondition):
    """The county's table names no department that leads for the category."""

    reason = "NO_LEAD_DEPARTMENT"
    title = Text("No department leads for the category", "该类别没有牵头部门")
    detail = Text(
        "The county's table of duties names no department that leads for '{category}'; "
        "name the department to offer the case to.",
        "本县职责分工表中“{category}”没有牵头部门;请指定接收部门。",
    )


def transfer(case: Case, limits: Limits, now: datetime, offer: Transfer) -> Case:
    """The grid offers the case to a department."""
    return move(case, Action.TRANSFER, limits, now, transfers=(*case.transfers, offer))


def accept(case: Case, limits: Limits, now: datetime, by: UUID | None) -> Case:
    """The department that was asked takes the case over."""
    answers = _answered(case, TransferState.ACCEPTED, now, by)
    holder = answers[-1].to_department_id
    return move(case, Action.ACCEPT_TRANSFER, limits, now, transfers=answers, department_id=holder)


def decline(case: Case, limits: Limits, now: datetime, by: UUID | None, reason: str) -> Case:
    """The department that was asked gives the case back to the grid."""
    answers = _answered(case, TransferState.DECLINED, now, by, reason)
    return move(case, Action.DECLINE, limits, now, transfers=answers)


def _answered(
    case: Case, state: TransferState, now: datetime, by: UUID | None, decline_reason: str = ""
) -> tuple[Transfer, ...]:
    """The case's offers, the open one (always the last) answered."""
    *before, offer = case.transfers
    answer = replace(
        offer, state=state, answered_at=now, answered_by=by, decline_reason=decline_reason
    )
    return (*before, answer)
