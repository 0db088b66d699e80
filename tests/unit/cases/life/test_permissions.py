"""Who may take which step, where; and who sees a case at all."""

from dataclasses import replace

import pytest

from services.cases.life.domain import errors, permissions
from services.cases.life.domain.case import Case, State, TransferState
from services.cases.life.domain.transitions import TABLE, Action
from shared.context import RequestContext
from shared.errors import PermissionDenied
from tests.unit.cases.examples import ME, SCHEME, always, caller, in_state, never, offer

TOWNSHIP, VILLAGE, SIBLING, OTHER = "g:3.", "g:3.41.", "g:3.42.", "g:4."
COUNTY, ECOLOGY, POLICE = "g:", "d:ecology", "d:police"
SCOPES = (COUNTY, TOWNSHIP, VILLAGE, SIBLING, OTHER, ECOLOGY, POLICE)

# Found in the village 3.41., answered for by the township 3.; ecology has it, or is asked.
MATRIX = [
    (Action.ACCEPT, in_state(State.REPORTED), "accept", {COUNTY, TOWNSHIP}),
    (Action.REJECT, in_state(State.REPORTED), "accept", {COUNTY, TOWNSHIP}),
    (Action.TRANSFER, in_state(State.FILED), "transfer", {COUNTY, TOWNSHIP}),
    (Action.ACCEPT_TRANSFER, in_state(State.TRANSFERRING), "accept_transfer", {COUNTY, ECOLOGY}),
    (Action.DECLINE, in_state(State.TRANSFERRING), "accept_transfer", {COUNTY, ECOLOGY}),
    (Action.HANDLE, in_state(State.FILED), "handle", {COUNTY, TOWNSHIP}),
    (Action.HANDLE, in_state(State.HANDLING, department="ecology"), "handle", {COUNTY, ECOLOGY}),
    (Action.VERIFY, in_state(State.HANDLED), "verify", {COUNTY, TOWNSHIP, VILLAGE}),
    (Action.REWORK, in_state(State.HANDLED), "verify", {COUNTY, TOWNSHIP, VILLAGE}),
    (Action.CLOSE, in_state(State.HANDLED, verified=True), "close", {COUNTY, TOWNSHIP}),
]


def may(
    who: RequestContext, case: Case, action: Action, level_may: permissions.LevelMay = never
) -> bool:
    try:
        permissions.require(who, case, TABLE[action], level_may)
    except PermissionDenied:
        return False
    return True


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("action", "case", "capability", "reaching"), MATRIX)
def test_a_step_needs_its_capability_where_the_table_says(
    action: Action, case: Case, capability: str, reaching: set[str], scope: str
) -> None:
    who = caller(**{capability: [scope]})

    assert may(who, case, action) == (scope in reaching)
    shown = permissions.allowed_actions(who, case, never)
    assert (TABLE[action].verb in shown) == (scope in reaching)


@pytest.mark.parametrize(("action", "case", "capability"), [row[:3] for row in MATRIX])
def test_no_other_capability_stands_in(action: Action, case: Case, capability: str) -> None:
    others = {row[2] for row in MATRIX} | {"read", "lead", "configure", "enforce"}
    who = caller(**{name: [COUNTY, ECOLOGY] for name in others - {capability}})

    assert not may(who, case, action)
    assert TABLE[action].verb not in permissions.allowed_actions(who, case, never)


def test_the_found_grid_closes_where_the_county_gives_its_level_the_power() -> None:
    case = in_state(State.HANDLED, verified=True)
    village = caller(close=[VILLAGE])

    assert not may(village, case, Action.CLOSE, SCHEME.level_may)
    assert may(
        village, case, Action.CLOSE, lambda level, power: (level, power) == ("village", "close")
    )
    assert not may(caller(close=[SIBLING]), case, Action.CLOSE, always)


@pytest.mark.parametrize("action", [Action.VERIFY, Action.REWORK])
def test_nobody_verifies_their_own_work(action: Action) -> None:
    case = replace(in_state(State.HANDLED), handled_by=ME)
    who = caller(verify=[COUNTY])

    with pytest.raises(errors.VerifierHandledIt):
        permissions.require(who, case, TABLE[action], never)
    assert permissions.allowed_actions(who, case, never) == ()


def test_permission_is_asked_for_whatever_the_state() -> None:
    for state in State:
        case = in_state(state)
        assert not may(caller(accept=[OTHER]), case, Action.ACCEPT)
        assert may(caller(accept=[TOWNSHIP]), case, Action.ACCEPT)


def test_without_an_offer_only_who_sees_the_case_learns_of_its_state() -> None:
    case = replace(in_state(State.FILED), lead_department_id="ecology")

    assert may(caller(accept_transfer=[ECOLOGY], read=[ECOLOGY]), case, Action.ACCEPT_TRANSFER)
    assert not may(caller(accept_transfer=[POLICE], read=[POLICE]), case, Action.ACCEPT_TRANSFER)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_case_is_seen_from_its_grids_and_departments(scope: str) -> None:
    case = in_state(State.REPORTED)

    assert permissions.sees(caller(read=[scope]), case) == (
        scope in {COUNTY, TOWNSHIP, VILLAGE, ECOLOGY}
    )


def test_a_department_that_declined_still_sees_what_it_was_offered() -> None:
    declined = replace(offer("police"), state=TransferState.DECLINED)
    case = replace(in_state(State.FILED), transfers=(declined,))

    assert permissions.sees(caller(read=[POLICE]), case)
    assert not permissions.sees(caller(read=["d:forestry"]), case)


def test_a_capability_other_than_read_shows_nothing() -> None:
    with pytest.raises(PermissionDenied):
        permissions.require_sight(caller(accept=[COUNTY]), in_state(State.REPORTED))
