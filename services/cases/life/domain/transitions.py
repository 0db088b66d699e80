"""The table of steps: from which states to which, who may take them, their clocks and events."""

from dataclasses import dataclass
from enum import StrEnum

from services.cases.clocks.domain import ClockEffect
from services.cases.life.domain import errors
from services.cases.life.domain.case import Case, State
from shared.contracts.cases import (
    CaseAccepted,
    CaseClosed,
    CaseHandled,
    CaseRejected,
    CaseStep,
    CaseTransferred,
    CaseVerified,
    TransferAccepted,
    TransferDeclined,
)


class Action(StrEnum):
    """The steps of the table, by the names that histories keep.

    ``VERIFY`` and ``REWORK`` are the two ends of one verb.
    """

    ACCEPT = "accept"
    REJECT = "reject"
    TRANSFER = "transfer"
    ACCEPT_TRANSFER = "acknowledge"
    DECLINE = "decline"
    HANDLE = "handle"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"


class Reach(StrEnum):
    """Where the capability must hold."""

    RESPONSIBLE_GRID = "responsible_grid"
    FOUND_GRID = "found_grid"
    OFFERED_DEPARTMENT = "offered_department"
    HOLDER = "holder"
    """The department that has the case, else the responsible grid."""
    CLOSING_GRID = "closing_grid"
    """The responsible grid; also the found grid, where the county gives its level the power."""


class Condition(StrEnum):
    """A further condition of a step."""

    GRID_HAS_IT = "grid_has_it"
    NOT_YET_VERIFIED = "not_yet_verified"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table."""

    action: Action
    from_states: frozenset[State]
    target: State
    capability: str
    reach: Reach
    clocks: ClockEffect
    event: type[CaseStep]
    condition: Condition | None = None
    verb: str = ""
    """The verb of the API; the action's own name unless given."""

    def __post_init__(self) -> None:
        """Fill in the verb."""
        if not self.verb:
            object.__setattr__(self, "verb", self.action.value)


_ROWS = (
    Transition(
        action=Action.ACCEPT,
        from_states=frozenset({State.REPORTED}),
        target=State.FILED,
        capability="accept",
        reach=Reach.RESPONSIBLE_GRID,
        clocks=ClockEffect(("accepted",)),
        event=CaseAccepted,
        verb="acknowledge",  # stops the clock of that name
    ),
    Transition(
        action=Action.REJECT,
        from_states=frozenset({State.REPORTED}),
        target=State.REJECTED,
        capability="accept",
        reach=Reach.RESPONSIBLE_GRID,
        clocks=ClockEffect(("rejected",), ends_all=True),
        event=CaseRejected,
    ),
    Transition(
        action=Action.TRANSFER,
        from_states=frozenset({State.FILED, State.HANDLING}),
        target=State.TRANSFERRING,
        capability="transfer",
        reach=Reach.RESPONSIBLE_GRID,
        clocks=ClockEffect(("transferred",)),
        event=CaseTransferred,
        condition=Condition.GRID_HAS_IT,
    ),
    Transition(
        action=Action.ACCEPT_TRANSFER,
        from_states=frozenset({State.TRANSFERRING}),
        target=State.HANDLING,
        capability="accept_transfer",
        reach=Reach.OFFERED_DEPARTMENT,
        clocks=ClockEffect(("acknowledged", "transfer_accepted")),
        event=TransferAccepted,
        verb="accept-transfer",
    ),
    Transition(
        action=Action.DECLINE,
        from_states=frozenset({State.TRANSFERRING}),
        target=State.FILED,
        capability="accept_transfer",
        reach=Reach.OFFERED_DEPARTMENT,
        clocks=ClockEffect(("transfer_declined",), cancels="transferred"),
        event=TransferDeclined,
    ),
    Transition(
        action=Action.HANDLE,
        from_states=frozenset({State.FILED, State.HANDLING}),
        target=State.HANDLED,
        capability="handle",
        reach=Reach.HOLDER,
        clocks=ClockEffect(("handled",)),
        event=CaseHandled,
    ),
    Transition(
        action=Action.VERIFY,
        from_states=frozenset({State.HANDLED}),
        target=State.HANDLED,
        capability="verify",
        reach=Reach.FOUND_GRID,
        clocks=ClockEffect(("verified",)),
        event=CaseVerified,
        condition=Condition.NOT_YET_VERIFIED,
    ),
    Transition(
        action=Action.REWORK,
        from_states=frozenset({State.HANDLED}),
        target=State.HANDLING,
        capability="verify",
        reach=Reach.FOUND_GRID,
        # The check is over, so its clock ends; clocks that the handling stopped run again, by their
        # old due times.
        clocks=ClockEffect((), cancels="handled", undoes_handling=True),
        event=CaseVerified,
        condition=Condition.NOT_YET_VERIFIED,
        verb="verify",
    ),
    Transition(
        action=Action.CLOSE,
        from_states=frozenset({State.HANDLED}),
        target=State.CLOSED,
        capability="close",
        reach=Reach.CLOSING_GRID,
        clocks=ClockEffect(("closed",), ends_all=True),
        event=CaseClosed,
        condition=Condition.VERIFIED,
    ),
)

TABLE = {row.action: row for row in _ROWS}
"""Every step that exists; what the table does not hold cannot be done."""

STATE_NAMES_ZH = {
    State.REPORTED: "已上报",
    State.VERIFYING: "核实中",
    State.FILED: "已立案",
    State.DISPATCHED: "已派遣",
    State.HANDLING: "处置中",
    State.TRANSFERRING: "移送中",
    State.HANDLED: "待核查",
    State.CLOSED: "已结案",
    State.SUSPENDED: "缓办",
    State.REJECTED: "不予受理",
    State.VOID: "作废",
    State.MERGED: "并案",
}
ACTION_NAMES_ZH = {
    Action.ACCEPT: "受理",
    Action.REJECT: "不予受理",
    Action.TRANSFER: "移送",
    Action.ACCEPT_TRANSFER: "签收",
    Action.DECLINE: "退回",
    Action.HANDLE: "处置",
    Action.VERIFY: "核查",
    Action.REWORK: "返工",
    Action.CLOSE: "结案",
}


def state_allows(case: Case, transition: Transition) -> bool:
    """Whether the case's state and the step's condition allow the step."""
    return case.state in transition.from_states and _holds(case, transition.condition)


def require_state(case: Case, transition: Transition) -> None:
    """Raise the FailedPrecondition that says why the case does not allow the step."""
    if case.state not in transition.from_states:
        raise errors.TransitionNotAllowed(
            state=case.state.value,
            action=transition.verb,
            state_zh=STATE_NAMES_ZH[case.state],
            action_zh=ACTION_NAMES_ZH[transition.action],
        )
    if _holds(case, transition.condition):
        return
    match transition.condition:
        case Condition.GRID_HAS_IT:
            raise errors.CaseHeldByDepartment(department_id=case.department_id)
        case Condition.VERIFIED:
            raise errors.CaseNotVerified
        case _:
            raise errors.CaseAlreadyVerified


def _holds(case: Case, condition: Condition | None) -> bool:
    match condition:
        case None:
            return True
        case Condition.GRID_HAS_IT:
            return not case.department_id
        case Condition.VERIFIED:
            return case.verified_at is not None
        case Condition.NOT_YET_VERIFIED:
            return case.verified_at is None
