"""What steps make of the clocks of a case."""

from datetime import UTC, datetime

import pytest

from services.cases.clocks.domain import Limits
from services.cases.life.domain import steps
from services.cases.life.domain.case import State
from services.cases.life.domain.transitions import Action
from shared.structure.scheme import Scheme
from tests.unit.cases.examples import (
    DOCUMENT,
    ECOLOGY,
    FRIDAY,
    HANDLER,
    HOUR,
    LIMITS,
    clock,
    handled_by_department,
    opened,
)


def with_rules(*rules: dict) -> Scheme:
    return Scheme(1, {**DOCUMENT, "cases": {**DOCUMENT["cases"], "clocks": list(rules)}})


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


@pytest.mark.requirement("R-CASE-10", part="without a stated limit nothing is overdue")
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


@pytest.mark.parametrize("end", [Action.REJECT, Action.CLOSE])
def test_a_case_that_ended_has_no_clock_running(end: Action) -> None:
    rules = [{"kind": "k", "from": "opened", "stops": "arrived", "within": {"days": 1}}]
    scheme = with_rules(*rules)
    limits = Limits(scheme.clocks, scheme.calendar)
    case = steps.move(opened(scheme), end, limits, FRIDAY + HOUR)

    assert [c.stopped_at for c in case.clocks] == [FRIDAY + HOUR]
