"""What a case is like when it begins."""

from services.cases.intake.domain import number_of
from services.cases.life.domain.case import State
from tests.unit.cases.examples import (
    FRIDAY,
    opened,
)


def test_a_category_that_left_the_scheme_has_no_lead() -> None:
    case = opened(category="abolished")

    assert case.state is State.REPORTED
    assert case.lead_department_id == ""


def test_a_number_is_four_digits_wide_and_grows_beyond() -> None:
    assert number_of("430223", FRIDAY.date(), 7) == "430223-20260306-0007"
    assert number_of("430223", FRIDAY.date(), 12345) == "430223-20260306-12345"
