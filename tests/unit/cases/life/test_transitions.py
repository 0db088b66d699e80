"""Every step in every state: what the table allows, and that it allows nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routes import cases
from services.cases.life.domain import errors
from services.cases.life.domain.case import State
from services.cases.life.domain.transitions import (
    ACTION_NAMES_ZH,
    STATE_NAMES_ZH,
    TABLE,
    Action,
    require_state,
    state_allows,
)
from services.cases.transfers.domain import NoLeadDepartment
from shared.errors import FailedPrecondition
from shared.rpc.rules import AccessRule
from tests.unit.cases.examples import in_state

ALLOWED = {
    (Action.ACCEPT, State.REPORTED): State.FILED,
    (Action.REJECT, State.REPORTED): State.REJECTED,
    (Action.TRANSFER, State.FILED): State.TRANSFERRING,
    (Action.TRANSFER, State.HANDLING): State.TRANSFERRING,
    (Action.ACCEPT_TRANSFER, State.TRANSFERRING): State.HANDLING,
    (Action.DECLINE, State.TRANSFERRING): State.FILED,
    (Action.HANDLE, State.FILED): State.HANDLED,
    (Action.HANDLE, State.HANDLING): State.HANDLED,
    (Action.VERIFY, State.HANDLED): State.HANDLED,
    (Action.REWORK, State.HANDLED): State.HANDLING,
    (Action.CLOSE, State.HANDLED): State.CLOSED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_a_step_is_allowed_exactly_where_the_table_says(action: Action, state: State) -> None:
    case = in_state(state, verified=action is Action.CLOSE)
    transition = TABLE[action]

    if (action, state) in ALLOWED:
        require_state(case, transition)
        assert state_allows(case, transition)
        assert transition.target is ALLOWED[action, state]
    else:
        assert not state_allows(case, transition)
        with pytest.raises(errors.TransitionNotAllowed) as refusal:
            require_state(case, transition)
        assert refusal.value.metadata["state"] == state.value
        assert refusal.value.metadata["action"] == transition.verb
        assert STATE_NAMES_ZH[state] in refusal.value.text.zh
        assert ACTION_NAMES_ZH[action] in refusal.value.text.zh


@given(
    st.sampled_from(State), st.sampled_from(Action), st.booleans(), st.sampled_from(["", "ecology"])
)
def test_what_is_shown_as_allowed_is_what_is_accepted(
    state: State, action: Action, verified: bool, department: str
) -> None:
    case = in_state(state, department=department, verified=verified)

    try:
        require_state(case, TABLE[action])
    except FailedPrecondition:
        accepted = False
    else:
        accepted = True

    assert accepted == state_allows(case, TABLE[action])


def test_states_without_an_edge_cannot_be_reached_or_left() -> None:
    reached = {row.target for row in TABLE.values()} | {State.REPORTED}
    left = set().union(*(row.from_states for row in TABLE.values()))

    unused = {State.VERIFYING, State.DISPATCHED, State.SUSPENDED, State.VOID, State.MERGED}
    assert unused.isdisjoint(reached | left)
    assert {State.CLOSED, State.REJECTED} & left == set()


def test_the_grid_cannot_offer_what_a_department_has() -> None:
    case = in_state(State.HANDLING, department="ecology")

    with pytest.raises(errors.CaseHeldByDepartment) as refusal:
        require_state(case, TABLE[Action.TRANSFER])

    assert refusal.value.metadata["department_id"] == "ecology"


def test_closing_waits_for_the_verification() -> None:
    with pytest.raises(errors.CaseNotVerified):
        require_state(in_state(State.HANDLED), TABLE[Action.CLOSE])


@pytest.mark.parametrize("action", [Action.VERIFY, Action.REWORK])
def test_a_result_is_verified_once(action: Action) -> None:
    with pytest.raises(errors.CaseAlreadyVerified):
        require_state(in_state(State.HANDLED, verified=True), TABLE[action])


def test_every_refusal_has_a_reason_of_its_own() -> None:
    refusals = [
        errors.TransitionNotAllowed,
        errors.CaseHeldByDepartment,
        errors.CaseNotVerified,
        errors.CaseAlreadyVerified,
        NoLeadDepartment,
        errors.VerifierHandledIt,
        errors.CaseNotFound,
    ]

    assert len({refusal.reason for refusal in refusals}) == len(refusals)


def test_a_step_needs_what_its_method_needs() -> None:
    steps = {
        route.path.rpartition(":")[2]: route.rpc.rule
        for route in cases.SECTION.routes
        if route.method == "POST"
    }

    assert steps == {row.verb: AccessRule.needs(row.capability) for row in TABLE.values()}
