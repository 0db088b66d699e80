"""What is counted, over real rows, against a plain count in Python."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.assessment.facts.usecases import keep_case
from services.assessment.indicators import usecases
from shared.paging import PageRequest
from tests.integration.assessment.conftest import NOW, Town, case
from tests.integration.service_fixtures import Databases, context_of

CHINA = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


def test_handled_in_time_late_and_overdue_are_what_should_be_handled(town: Town) -> None:
    due = NOW - timedelta(days=3)
    town.keep(
        case(due, due - HOUR),
        case(due, due),  # at the last moment
        case(due, due + HOUR),
        case(due),
    )

    assert town.counted() == (2, 4)
    assert town.counted(indicator="handling_rate") == (3, 4)


def test_cases_inside_their_limit_without_one_or_refused_do_not_count(town: Town) -> None:
    past = NOW - HOUR
    town.keep(
        case(NOW + HOUR),
        case(NOW),  # its last moment is now
        case(None),
        case(None, past),
        case(past, clocks=()),
        case(past, past, clocks=()),
        case(past, state="rejected"),
        case(past, past - HOUR, state="rejected"),
    )

    value = town.value()

    assert (value.numerator, value.denominator, value.value) == (0, 0, None)


def test_a_case_inside_its_limit_is_overdue_the_moment_after(town: Town) -> None:
    town.keep(case(NOW))

    assert town.counted(now=NOW) == (0, 0)
    assert town.counted(now=NOW + timedelta(microseconds=1)) == (0, 1)


@pytest.mark.parametrize(
    ("due", "handled", "period"),
    [
        # A limit through 31 October ends at the midnight which begins November.
        (china(2026, 11, 1), None, "2026-10"),
        (china(2026, 11, 1), china(2026, 11, 3), "2026-10"),
        (china(2026, 11, 1, 0, 1), None, "2026-11"),
        (china(2026, 10, 31, 23, 59), None, "2026-10"),
        # 23:00 in Greenwich on 31 October is already November there.
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), None, "2026-11"),
        # Handled earlier than due: it belongs to when it was handled, to the very moment.
        (china(2026, 11, 20), china(2026, 10, 31, 23, 59), "2026-10"),
        (china(2026, 11, 20), china(2026, 11, 1), "2026-11"),
        # Handled later: it stays where its limit ended.
        (china(2026, 10, 20), china(2026, 11, 2), "2026-10"),
        # A limit through the year's end.
        (china(2026, 1, 1), None, "2025-12"),
    ],
)
def test_a_case_belongs_to_one_month_of_the_county(
    town: Town, due: datetime, handled: datetime | None, period: str
) -> None:
    town.keep(case(due, handled))

    months = [f"2025-{month:02}" for month in range(10, 13)]
    months += [f"2026-{month:02}" for month in range(1, 13)]
    assert [m for m in months if town.counted(period=m)[1]] == [period]
    assert [y for y in ("2025", "2026") if town.counted(period=y)[1]] == [period[:4]]


def test_a_subtree_holds_whole_nodes_and_the_county_holds_all(town: Town) -> None:
    due = NOW - HOUR
    for path in ("1.", "1.2.", "1.3.", "10.", "10.2."):
        town.keep(case(due, due - HOUR, path))

    assert town.counted(path="1.") == (3, 3)
    assert town.counted(path="10.") == (2, 2)
    assert town.counted(path="1.2.") == (1, 1)
    assert town.counted() == (5, 5)


def test_a_whole_is_the_sum_of_its_parts_and_not_the_mean_of_their_rates(town: Town) -> None:
    due = NOW - HOUR
    town.keep(case(due, due - HOUR, "1.2."))
    town.keep(*(case(due, None, "1.3.") for _ in range(9)))

    assert town.value(path="1.2.").value == 1.0
    assert town.value(path="1.3.").value == 0.0
    assert town.value(path="1.").value == 0.1


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_newest_event_of_a_case_holds_in_whatever_order_they_come(
    town: Town, order: tuple
) -> None:
    case_id, due = uuid4(), NOW - timedelta(days=2)
    steps = {
        1: case(due, None, case_id=case_id, sequence=1),
        2: case(due, due - HOUR, case_id=case_id, sequence=2),
        3: case(due, due + HOUR, case_id=case_id, sequence=3),  # handled anew, and late
    }

    for number in order:
        town.keep(steps[number])
    town.keep(steps[3])

    assert town.counted() == (0, 1)
    assert town.counted(indicator="handling_rate") == (1, 1)


def test_another_countys_cases_are_not_counted(town: Town, other_town: Town) -> None:
    due = NOW - HOUR
    town.keep(case(due, due - HOUR))
    other_town.keep(case(due), case(due))

    assert town.counted() == (1, 1)
    assert other_town.counted() == (0, 2)
    with town.work(context_of(town.id)) as tx:  # nor seen by a query that forgets the county
        assert tx.connection.execute(text("SELECT count(*) FROM case_facts")).scalar_one() == 1


# Against a plain count.

moments = st.integers(-24 * 60, 24 * 60).map(
    # Round the edges of November, to the half hour and often on it.
    lambda halves: china(2026, 11, 15) + timedelta(minutes=30 * halves)
)
cases = st.lists(
    st.tuples(
        st.none() | moments,
        st.none() | moments,
        st.sampled_from(["1.", "1.2.", "10.", "10.2."]),
        st.sampled_from(["handling", "handled", "closed", "rejected"]),
    ),
    max_size=12,
)


def plain_count(drawn: list, path: str, month: int, now: datetime) -> tuple[int, int, int]:
    """按期, 超期 and 超期未处置, counted as one would by hand."""
    in_time = late = overdue = 0
    for due, handled, where, state in drawn:
        if due is None or state == "rejected" or not where.startswith(path):
            continue
        if handled is None and due >= now:
            continue
        last_moment = due - timedelta(microseconds=1)
        belongs = handled if handled is not None and handled < last_moment else last_moment
        local = belongs.astimezone(CHINA)
        if (local.year, local.month) != (2026, month):
            continue
        if handled is None:
            overdue += 1
        elif handled <= due:
            in_time += 1
        else:
            late += 1
    return in_time, late, overdue


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=cases,
    path=st.sampled_from(["", "1.", "10.", "1.2."]),
    month=st.integers(10, 12),
    now=moments,
)
def test_every_number_is_that_of_a_plain_count_and_every_record_behind_it_is_listed(
    town: Town, drawn: list, path: str, month: int, now: datetime
) -> None:
    in_time, late, overdue = plain_count(drawn, path, month, now)
    grid_id = town.grids[path]["grid_id"] if path else None

    def asked(tx: Any) -> None:
        for due, handled, where, state in drawn:
            keep_case(tx, *case(due, handled, where, state=state))
        for indicator, above in (("on_time_rate", in_time), ("handling_rate", in_time + late)):
            value, listed = usecases.explain_indicator(
                tx, indicator, grid_id, f"2026-{month:02}", now=now, asked=PageRequest(100)
            )
            assert (value.numerator, value.denominator) == (above, in_time + late + overdue)
            assert len(listed.items) == value.denominator
            counted = [fact.outcome in value.definition.numerator for fact in listed.items]
            assert sum(counted) == value.numerator

    undone(town, asked)


def undone(town: Town, act: Callable[[Any], None]) -> None:
    """Run ``act`` in a transaction and roll it back, so that the next example starts empty."""
    with town.work(context_of(town.id, read=["g:"])) as tx:
        savepoint = tx.connection.begin_nested()
        act(tx)
        savepoint.rollback()


def test_models_and_migrations_agree(databases: Databases) -> None:
    from shared.db import migrate

    databases.engine("assessment")
    migrate.check("assessment", databases.admin_url)
