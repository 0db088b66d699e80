"""What each step makes of a case."""

from dataclasses import replace

from services.cases.life.domain import steps
from tests.unit.cases.examples import (
    FRIDAY,
    LIMITS,
    handled_by_department,
    opened,
)


def test_every_step_is_one_version() -> None:
    assert opened().version == 1
    assert handled_by_department().version == 5


def test_steps_leave_the_case_they_began_with_as_it_was() -> None:
    case = opened()
    steps.accept(case, LIMITS, FRIDAY)

    assert case == replace(opened())
