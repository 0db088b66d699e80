from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from holidays.countries.china import China
from hypothesis import given
from hypothesis import strategies as st

from shared import working_time
from shared.working_time import Calendar, Notice, Within

CHINA = ZoneInfo("Asia/Shanghai")
NATIONAL = Calendar()
MOMENTS = st.integers(0, 545 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival (调休)
        (date(2026, 2, 16), False),  # Monday, New Year's Eve
        (date(2026, 2, 17), False),  # Spring Festival
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # a Saturday worked
        (date(2026, 9, 20), True),  # a Sunday worked for National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday worked
        (date(2026, 10, 11), False),
    ],
)
def test_the_national_arrangement_of_2026(day: date, working: bool) -> None:
    assert NATIONAL.is_working(day) is working


def test_working_days_over_the_spring_festival_pass_it_by() -> None:
    due = NATIONAL.due(china(2026, 2, 13, 10, 0), Within("working_days", 3))

    # 14 February is worked, then nine days off: the 24th and the 25th are the second and third.
    assert due == china(2026, 2, 26)


def test_working_days_over_national_day_pass_it_by() -> None:
    assert NATIONAL.due(china(2026, 9, 30, 23, 59), Within("working_days", 1)) == china(2026, 10, 9)


def test_a_working_day_from_a_friday_ends_with_monday() -> None:
    assert NATIONAL.due(china(2026, 11, 20, 9, 0), Within("working_days", 1)) == china(2026, 11, 24)


def test_the_day_begins_at_the_countys_midnight() -> None:
    evening_in_utc = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # Monday half past midnight there

    assert NATIONAL.local_day(evening_in_utc) == date(2026, 11, 23)
    assert NATIONAL.due(evening_in_utc, Within("days", 1)) == china(2026, 11, 25)


def test_minutes_and_hours_elapse_whatever_the_day() -> None:
    eve = china(2026, 2, 16, 23, 30)

    assert NATIONAL.due(eve, Within("minutes", 45)) == china(2026, 2, 17, 0, 15)
    assert NATIONAL.due(eve, Within("hours", 2)) == china(2026, 2, 17, 1, 30)


def test_the_countys_own_days_go_before_the_national_ones() -> None:
    county = Calendar.from_document(
        {
            "time_zone": "Asia/Shanghai",
            "working_days": "national",
            "overrides": [
                {"date": "2026-11-24", "working": False},
                {"date": "2026-11-28", "working": True},
            ],
        }
    )

    assert not county.is_working(date(2026, 11, 24))
    assert county.is_working(date(2026, 11, 28))
    assert county.due(china(2026, 11, 23, 9, 0), Within("working_days", 1)) == china(2026, 11, 26)


@pytest.mark.parametrize(
    ("kind", "saturday_worked_nationally", "spring_festival", "sunday"),
    [
        ("national", True, False, False),
        ("monday_to_friday", False, True, False),
        ("every_day", True, True, True),
    ],
)
def test_a_county_chooses_its_working_days(
    kind: str, saturday_worked_nationally: bool, spring_festival: bool, sunday: bool
) -> None:
    county = Calendar.from_document({"working_days": kind})

    assert county.is_working(date(2026, 2, 14)) is saturday_worked_nationally
    assert county.is_working(date(2026, 2, 17)) is spring_festival
    assert county.is_working(date(2026, 11, 22)) is sunday


def test_working_days_of_an_unknown_kind_are_an_error() -> None:
    with pytest.raises(ValueError, match="weekends_only"):
        Calendar.from_document({"working_days": "weekends_only"}).is_working(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2027, 1, 1), False),  # New Year's Day, a Friday
        (date(2027, 2, 5), False),  # the eve of the Spring Festival
        (date(2027, 2, 8), False),  # its third day, a Monday
        (date(2027, 2, 9), True),  # made up for a weekend only by a notice
        (date(2027, 4, 5), False),  # Tomb-Sweeping Day, by the solar term
        (date(2027, 6, 9), False),  # Dragon Boat Festival, by the moon
        (date(2027, 9, 15), False),  # Mid-Autumn Festival
        (date(2099, 10, 1), False),
        (date(2099, 10, 3), False),  # a Saturday
        (date(2099, 10, 8), True),
    ],
)
def test_statutory_holidays_are_known_before_the_years_notice(day: date, working: bool) -> None:
    assert NATIONAL.is_working(day) is working


def test_law_gives_thirteen_days_a_year_and_one_less_where_two_coincide() -> None:
    for year in (2027, 2028, 2040, 2058, 2099):
        days = working_time._statutory_holidays(
            year
        )  # two festivals fall together in 2028 and 2058
        assert len(days) == (12 if year in (2028, 2058) else 13)


NOTICE = Notice(
    year=2027,
    off=frozenset({date(2027, 1, 1), date(2027, 2, 9), date(2027, 2, 10)}),
    worked=frozenset({date(2027, 2, 14)}),
)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2027, 1, 1), False),
        (date(2027, 2, 9), False),
        (date(2027, 2, 14), True),  # a Sunday
        (date(2027, 2, 15), True),
        (date(2027, 2, 20), False),
        (date(2027, 4, 5), True),  # not named by this notice, which holds for the whole year
    ],
)
def test_a_notice_that_was_entered_goes_before_the_law(day: date, working: bool) -> None:
    assert Calendar(notices=(NOTICE,)).is_working(day) is working


def test_a_limit_that_rests_on_a_year_without_a_notice_is_provisional() -> None:
    start = china(2026, 12, 30, 9)
    in_year, beyond = (NATIONAL.due(start, Within("working_days", n)) for n in (1, 2))

    assert in_year == china(2027, 1, 1)
    assert not NATIONAL.is_provisional(start, in_year)
    assert NATIONAL.is_provisional(start, beyond)
    assert not Calendar(notices=(NOTICE,)).is_provisional(start, beyond)
    assert not Calendar(working_days="every_day").is_provisional(start, beyond)


def test_our_two_sources_agree_on_every_year_that_is_announced() -> None:
    """chinese_calendar for the notices, holidays for the law: where both know, they say the same."""
    for year in range(2006, 2027):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        law = China(years=year)
        assert [day for day in days if law.is_working_day(day) != NATIONAL.is_working(day)] == []


def test_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(ValueError, match="fortnights"):
        NATIONAL.due(china(2026, 1, 1), Within("fortnights", 1))


@pytest.mark.parametrize("document", [None, {}, {"hours": None, "working_days": None}])
def test_what_is_not_stated_is_no_limit(document: dict | None) -> None:
    assert Within.from_document(document) is None


def test_the_stated_unit_is_read() -> None:
    stated = Within.from_document({"hours": None, "working_days": 7})

    assert stated == Within("working_days", 7)


@given(
    start=MOMENTS,
    amount=st.integers(1, 60),
)
def test_exactly_the_promised_number_of_working_days_lies_between(
    start: datetime, amount: int
) -> None:
    due = NATIONAL.due(start, Within("working_days", amount))

    first, last = NATIONAL.local_day(start), NATIONAL.local_day(due) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(NATIONAL.is_working(day) for day in days) == amount
    assert NATIONAL.is_working(last)
    assert due.astimezone(CHINA).time() == datetime.min.time()


@given(
    start=MOMENTS,
    unit=st.sampled_from(["minutes", "hours", "days", "working_days"]),
)
def test_a_longer_limit_never_ends_earlier(start: datetime, unit: str) -> None:
    ends = [NATIONAL.due(start, Within(unit, amount)) for amount in range(1, 15)]

    assert all(earlier < later for earlier, later in pairwise(ends))
