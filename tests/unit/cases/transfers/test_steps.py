"""What an offer and its answer make of a case."""

from datetime import datetime

from services.cases.clocks.domain import Clock
from services.cases.life.domain import steps
from services.cases.life.domain.case import State, TransferState
from services.cases.transfers import domain as transfers
from tests.unit.cases.examples import (
    ECOLOGY,
    FRIDAY,
    HANDLER,
    HOUR,
    LIMITS,
    ME,
    TOWNSHIP,
    clock,
    handled_by_department,
    offer,
    opened,
)

GRID = f"grid:{TOWNSHIP}"


def owners(found: Clock) -> list[tuple[str, datetime]]:
    return [(segment.owner, segment.began_at) for segment in found.segments]


def test_a_transfer_hands_the_clocks_to_the_department_and_a_refusal_gives_them_back() -> None:
    filed = steps.accept(opened(), LIMITS, FRIDAY + HOUR)
    offered = transfers.transfer(filed, LIMITS, FRIDAY + 2 * HOUR, offer())
    declined = transfers.decline(offered, LIMITS, FRIDAY + 3 * HOUR, HANDLER, "不属我局")

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
    offered = transfers.transfer(filed, LIMITS, FRIDAY + HOUR, offer())
    declined = transfers.decline(offered, LIMITS, FRIDAY + 2 * HOUR, HANDLER, "不属我局")

    assert clock(offered, "sign").running
    assert clock(declined, "sign").stopped_at == FRIDAY + 2 * HOUR


def test_a_second_offer_starts_its_own_clock() -> None:
    case = steps.accept(opened(), LIMITS, FRIDAY)
    for at in (HOUR, 3 * HOUR):
        case = transfers.transfer(case, LIMITS, FRIDAY + at, offer(now=FRIDAY + at))
        case = transfers.decline(case, LIMITS, FRIDAY + at + HOUR, HANDLER, "不属我局")

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


def test_rework_of_a_case_that_the_grid_handled_lets_the_grid_offer_it() -> None:
    handled = steps.handle(steps.accept(opened(), LIMITS, FRIDAY), LIMITS, FRIDAY, ME, "已清理")
    again = steps.rework(handled, LIMITS, FRIDAY + HOUR)

    offered = transfers.transfer(again, LIMITS, FRIDAY + 2 * HOUR, offer())

    assert offered.state is State.TRANSFERRING
    assert clock(offered, "dispose").owner == ECOLOGY
