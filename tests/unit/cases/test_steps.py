"""What each step makes of a case, and of its clocks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.cases.domain import steps
from services.cases.domain.case import Case, Clock, State, TransferState, number_of
from services.cases.domain.clocks import Limits
from shared.structure.scheme import Scheme
from tests.unit.cases.examples import (
    DOCUMENT,
    FRIDAY,
    HANDLER,
    LIMITS,
    ME,
    TOWNSHIP,
    UPWARD,
    VILLAGE,
    handled_by_department,
    offer,
    opened,
)

HOUR = timedelta(hours=1)
GRID = f"grid:{TOWNSHIP}"
ECOLOGY = "department:ecology"


def clock(case: Case, kind: str) -> Clock:
    """The last clock of the kind."""
    return [c for c in case.clocks if c.kind == kind][-1]


def owners(found: Clock) -> list[tuple[str, datetime]]:
    return [(segment.owner, segment.began_at) for segment in found.segments]


def with_rules(*rules: dict) -> Scheme:
    return Scheme(1, {**DOCUMENT, "cases": {**DOCUMENT["cases"], "clocks": list(rules)}})


def test_a_case_goes_to_the_nearest_grid_upward_that_may_accept() -> None:
    case = opened()

    assert (case.grid_id, case.grid_path) == (VILLAGE, "3.41.")
    assert (case.responsible_grid_id, case.responsible_grid_path) == (TOWNSHIP, "3.")
    assert case.lead_department_id == "ecology"


def test_a_case_stays_where_it_was_found_when_no_level_above_may_accept() -> None:
    case = opened(Scheme(1, {**DOCUMENT, "cases": {"powers": [], "clocks": []}}))

    assert case.responsible_grid_id == VILLAGE
    assert case.clocks == ()


def test_the_found_grid_itself_is_the_nearest() -> None:
    both = [{"level": level, "may": ["accept"]} for level in ("village", "township")]
    scheme = Scheme(1, {**DOCUMENT, "cases": {"powers": both}})

    assert steps.responsible_place(UPWARD, scheme) is UPWARD[0]


def test_a_category_that_left_the_scheme_has_no_lead() -> None:
    case = opened(category="abolished")

    assert case.state is State.REPORTED
    assert case.lead_department_id == ""


def test_a_working_day_from_friday_ends_with_monday() -> None:
    acknowledge = clock(opened(), "acknowledge")

    assert acknowledge.started_at == FRIDAY
    assert acknowledge.due_at == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)  # Monday's midnight there


def test_the_national_holiday_does_not_count() -> None:
    before_national_day = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
    rule = {"kind": "k", "from": "opened", "stops": "closed", "within": {"working_days": 1}}

    case = opened(with_rules(rule), before_national_day)

    assert case.clocks[0].due_at == datetime(2026, 10, 8, 16, 0, tzinfo=UTC)


def test_the_countys_own_working_days_count() -> None:
    rule = {"kind": "k", "from": "opened", "stops": "closed", "within": {"working_days": 1}}
    calendar = {"overrides": [{"date": "2026-03-07", "working": True}]}
    scheme = Scheme(1, {**with_rules(rule).document, "calendar": calendar})

    assert opened(scheme).clocks[0].due_at == datetime(2026, 3, 7, 16, 0, tzinfo=UTC)


@pytest.mark.requirement("R-CASE-10")
def test_a_limit_that_no_document_states_is_never_overdue() -> None:
    rule = {"kind": "dispose", "from": "opened", "stops": "handled", "within": None}

    found = opened(with_rules(rule)).clocks[0]

    assert found.due_at is None
    assert found.running


def test_only_the_step_that_the_rule_names_stops_a_clock() -> None:
    filed = steps.accept(opened(), LIMITS, FRIDAY + HOUR)

    assert clock(filed, "acknowledge").stopped_at == FRIDAY + HOUR
    assert clock(filed, "dispose").running
    assert clock(filed, "dispose").due_at == clock(opened(), "dispose").due_at


def test_a_transfer_hands_the_clocks_to_the_department_and_a_refusal_gives_them_back() -> None:
    filed = steps.accept(opened(), LIMITS, FRIDAY + HOUR)
    offered = steps.transfer(filed, LIMITS, FRIDAY + 2 * HOUR, offer())
    declined = steps.decline(offered, LIMITS, FRIDAY + 3 * HOUR, HANDLER, "不属我局")

    assert declined.state is State.FILED
    assert owners(clock(declined, "dispose")) == [
        (GRID, FRIDAY),
        (ECOLOGY, FRIDAY + 2 * HOUR),
        (GRID, FRIDAY + 3 * HOUR),
    ]
    answer = declined.transfers[0]
    assert (answer.state, answer.decline_reason) == (TransferState.DECLINED, "不属我局")
    assert (answer.answered_at, answer.answered_by) == (FRIDAY + 3 * HOUR, HANDLER)
    assert declined.department_id == ""


def test_a_refused_offer_leaves_no_clock_of_its_own_running() -> None:
    filed = steps.accept(opened(), LIMITS, FRIDAY)
    offered = steps.transfer(filed, LIMITS, FRIDAY + HOUR, offer())
    declined = steps.decline(offered, LIMITS, FRIDAY + 2 * HOUR, HANDLER, "不属我局")

    assert clock(offered, "sign").running
    assert clock(declined, "sign").stopped_at == FRIDAY + 2 * HOUR


def test_a_second_offer_starts_its_own_clock() -> None:
    case = steps.accept(opened(), LIMITS, FRIDAY)
    for at in (HOUR, 3 * HOUR):
        case = steps.transfer(case, LIMITS, FRIDAY + at, offer(now=FRIDAY + at))
        case = steps.decline(case, LIMITS, FRIDAY + at + HOUR, HANDLER, "不属我局")

    signs = [c for c in case.clocks if c.kind == "sign"]
    assert [c.started_at for c in signs] == [FRIDAY + HOUR, FRIDAY + 3 * HOUR]
    assert [t.state for t in case.transfers] == [TransferState.DECLINED] * 2


def test_a_department_that_takes_over_answers_until_it_has_handled() -> None:
    case = handled_by_department()

    assert case.department_id == "ecology"
    assert owners(clock(case, "dispose")) == [(GRID, FRIDAY), (ECOLOGY, FRIDAY + 2 * HOUR)]
    assert clock(case, "dispose").stopped_at == FRIDAY + 4 * HOUR
    assert owners(clock(case, "check")) == [(GRID, FRIDAY + 4 * HOUR)]
    assert clock(case, "check").due_at == FRIDAY + 28 * HOUR


def test_rework_runs_against_the_old_limit() -> None:
    handled = handled_by_department()
    again = steps.rework(handled, LIMITS, FRIDAY + 5 * HOUR)

    assert again.state is State.HANDLING
    assert (again.handled_at, again.handled_by) == (None, None)
    assert clock(again, "dispose").running
    assert clock(again, "dispose").due_at == clock(opened(), "dispose").due_at
    assert clock(again, "dispose").owner == ECOLOGY
    assert clock(again, "check").stopped_at == FRIDAY + 5 * HOUR
    assert not clock(again, "acknowledge").running


def test_what_is_handled_again_is_checked_again() -> None:
    again = steps.rework(handled_by_department(), LIMITS, FRIDAY + 5 * HOUR)
    handled = steps.handle(again, LIMITS, FRIDAY + 6 * HOUR, HANDLER, "已清理完毕")

    checks = [c for c in handled.clocks if c.kind == "check"]
    assert [c.started_at for c in checks] == [FRIDAY + 4 * HOUR, FRIDAY + 6 * HOUR]
    assert clock(handled, "dispose").stopped_at == FRIDAY + 6 * HOUR


def test_rework_of_a_case_that_the_grid_handled_lets_the_grid_offer_it() -> None:
    handled = steps.handle(steps.accept(opened(), LIMITS, FRIDAY), LIMITS, FRIDAY, ME, "已清理")
    again = steps.rework(handled, LIMITS, FRIDAY + HOUR)

    offered = steps.transfer(again, LIMITS, FRIDAY + 2 * HOUR, offer())

    assert offered.state is State.TRANSFERRING
    assert clock(offered, "dispose").owner == ECOLOGY


@pytest.mark.parametrize("end", [steps.reject, steps.close])
def test_a_case_that_ended_has_no_clock_running(
    end: Callable[[Case, Limits, datetime], Case],
) -> None:
    rules = [{"kind": "k", "from": "opened", "stops": "arrived", "within": {"days": 1}}]
    scheme = with_rules(*rules)
    case = end(opened(scheme), Limits(scheme.clocks, scheme.calendar), FRIDAY + HOUR)

    assert [c.stopped_at for c in case.clocks] == [FRIDAY + HOUR]


def test_every_step_is_one_version() -> None:
    assert opened().version == 1
    assert handled_by_department().version == 5


def test_steps_leave_the_case_they_began_with_as_it_was() -> None:
    case = opened()
    steps.accept(case, LIMITS, FRIDAY)

    assert case == replace(opened())


def test_a_number_is_four_digits_wide_and_grows_beyond() -> None:
    assert number_of("430223", FRIDAY.date(), 7) == "430223-20260306-0007"
    assert number_of("430223", FRIDAY.date(), 12345) == "430223-20260306-12345"
