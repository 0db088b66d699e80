"""Which grid answers for a case."""

from services.cases.routing.domain import responsible_place
from shared.structure.scheme import Scheme
from tests.unit.cases.examples import (
    DOCUMENT,
    TOWNSHIP,
    UPWARD,
    VILLAGE,
    opened,
)


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

    assert responsible_place(UPWARD, scheme) is UPWARD[0]
