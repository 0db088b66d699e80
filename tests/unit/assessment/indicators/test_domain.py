from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.indicators import domain
from services.assessment.indicators.domain import DEFINITIONS, REASONS, IndicatorNotFound, Outcome
from shared.errors import InvalidArgument

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight of 1 December there


def edges(label: str, zone: ZoneInfo = CHINA) -> tuple[str, str]:
    period = domain.period(label, zone, NOW)
    return period.start.astimezone(UTC).isoformat(), period.end.astimezone(UTC).isoformat()


def test_a_month_begins_and_ends_at_the_countys_midnight() -> None:
    assert edges("2026-02") == ("2026-01-31T16:00:00+00:00", "2026-02-28T16:00:00+00:00")
    assert edges("2026-12") == ("2026-11-30T16:00:00+00:00", "2026-12-31T16:00:00+00:00")
    assert edges("2026-02", ZoneInfo("Asia/Urumqi"))[0] == "2026-01-31T18:00:00+00:00"


def test_a_year_is_a_period_too() -> None:
    assert edges("2026") == ("2025-12-31T16:00:00+00:00", "2026-12-31T16:00:00+00:00")


def test_without_a_period_it_is_the_month_it_is_in_the_county() -> None:
    assert domain.period("", CHINA, NOW).label == "2026-12"
    assert domain.period("", ZoneInfo("UTC"), NOW).label == "2026-11"


@pytest.mark.parametrize(
    "label",
    [
        "2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "2026/01", "january", "0000",
        "0000-01", "2099", "-2026", " 2026", "2026\n", "２０２６", "2026-٠١",
    ],
)  # fmt: skip
def test_what_is_no_period_names_the_field_in_both_languages(label: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        domain.period(label, CHINA, NOW)

    (violation,) = caught.value.violations
    assert violation.pointer == "/period"
    assert violation.detail.en
    assert violation.detail.zh


@given(year=st.integers(1990, 2027), month=st.integers(1, 12))
def test_the_months_of_a_year_meet_without_gap_or_overlap(year: int, month: int) -> None:
    here = domain.period(f"{year}-{month:02}", CHINA, NOW)
    day_after = here.end + timedelta(days=1)

    following = (
        domain.period(f"{day_after.year}-{day_after.month:02}", CHINA, NOW)
        if day_after.year <= 2027
        else None
    )

    assert following is None or following.start == here.end
    whole = domain.period(str(year), CHINA, NOW)
    assert whole.start <= here.start < here.end <= whole.end


counts = st.dictionaries(st.sampled_from(list(Outcome)), st.integers(0, 1000))


@given(counts=counts)
def test_what_should_be_handled_is_the_sum_of_the_three_outcomes(counts: dict) -> None:
    over = domain.period("2026-11", CHINA, NOW)
    in_time, late, overdue = (
        counts.get(outcome, 0) for outcome in (Outcome.IN_TIME, Outcome.LATE, Outcome.OVERDUE)
    )

    on_time = domain.compute(DEFINITIONS["on_time_rate"], over, counts)
    handling = domain.compute(DEFINITIONS["handling_rate"], over, counts)

    assert on_time.denominator == handling.denominator == in_time + late + overdue
    assert (on_time.numerator, handling.numerator) == (in_time, in_time + late)
    if on_time.denominator == 0:
        assert on_time.value is None
    else:
        assert on_time.value == in_time / (in_time + late + overdue)
        assert 0 <= on_time.value <= 1


def test_every_definition_is_found_by_its_id_and_says_where_it_comes_from() -> None:
    for indicator_id, definition in DEFINITIONS.items():
        assert domain.definition(indicator_id) is definition
        assert definition.indicator_id == indicator_id
        assert definition.version >= 1
        assert all([definition.source, definition.name.zh, definition.denominator_words])
    with pytest.raises(IndicatorNotFound):
        domain.definition("made_up")


def test_every_outcome_has_the_fields_own_name() -> None:
    assert REASONS.keys() == set(Outcome)
