"""What a case is like when it begins."""

from services.cases.intake.domain import number_of
from services.cases.life.domain.case import State
from shared.structure.scheme import Scheme
from tests.unit.cases.examples import DOCUMENT, FRIDAY, opened


def test_a_category_that_left_the_scheme_has_no_lead() -> None:
    case = opened(category="abolished")

    assert case.state is State.REPORTED
    assert case.lead_department_id == ""


def test_a_number_is_four_digits_wide_and_grows_beyond() -> None:
    assert number_of("430223", FRIDAY.date(), 7) == "430223-20260306-0007"
    assert number_of("430223", FRIDAY.date(), 12345) == "430223-20260306-12345"


def test_a_category_without_a_lead_goes_to_the_default_department() -> None:
    departments = [*DOCUMENT["departments"], {"id": "office", "default": True}]
    scheme = Scheme(1, {**DOCUMENT, "departments": departments})

    assert opened(scheme, category="noise").lead_department_id == "office"
    assert opened(scheme).lead_department_id == "ecology"
