"""Deadlines: elapsed time, calendar days, or working days of the county's own calendar.

Statutory holidays follow from law for every year (国务院《全国年节及纪念日放假办法》; 13 days a year
since 2025, 11 before). The days that are shifted around them (调休) follow from a notice that the
State Council publishes in the November before: `chinese_calendar` knows those that were published
when it was released, later ones are entered by the city's operator (:class:`Notice`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

TIME_ZONE = "Asia/Shanghai"
SATURDAY = 5
NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Within:
    """A length of time: minutes and hours elapse, days and working days are whole days."""

    unit: str
    amount: int

    @classmethod
    def from_document(cls, document: Mapping[str, int | None] | None) -> "Within | None":
        """Read ``{"working_days": 7}``; None, which is not stated, stays None."""
        stated = [(unit, amount) for unit, amount in (document or {}).items() if amount is not None]
        if not stated:
            return None
        ((unit, amount),) = stated
        return cls(unit, amount)


@dataclass(frozen=True, slots=True)
class Notice:
    """The State Council's arrangement of one year's holidays.

    ``off`` are all days off that it names, ``worked`` the Saturdays and Sundays worked instead.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A county's time zone and working days, with its own exceptions.

    ``working_days`` is ``national`` (the State Council's arrangement), ``monday_to_friday`` or
    ``every_day``. ``notices`` are arrangements that were entered by the city's operator.
    """

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(TIME_ZONE))
    overrides: Mapping[date, bool] = field(default_factory=dict)
    working_days: str = NATIONAL
    notices: tuple[Notice, ...] = ()

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any] | None, notices: Iterable[Notice] = ()
    ) -> "Calendar":
        """Read the scheme's ``calendar``; what it does not state is national, in Asia/Shanghai."""
        document = document or {}
        overrides = {
            date.fromisoformat(entry["date"]): bool(entry["working"])
            for entry in document.get("overrides") or ()
        }
        zone = ZoneInfo(document.get("time_zone") or TIME_ZONE)
        working_days = document.get("working_days") or NATIONAL
        return cls(zone, overrides, working_days, tuple(notices))

    def local_day(self, moment: datetime) -> date:
        """The day in the county on which the moment falls."""
        return moment.astimezone(self.time_zone).date()

    def is_working(self, day: date) -> bool:
        """Whether the county works on the day."""
        if day in self.overrides:
            return self.overrides[day]
        match self.working_days:
            case "national":
                return self._nationally_working(day)
            case "monday_to_friday":
                return day.weekday() < SATURDAY
            case "every_day":
                return True
            case unknown:
                raise ValueError(f"unknown working days: {unknown}")

    def due(self, start: datetime, within: Within) -> datetime:
        """When a limit that starts at ``start`` ends.

        Days are counted from the day after the start, and the last one runs to its end: a limit of
        one working day that starts on a Friday ends with Monday.
        """
        match within.unit:
            case "minutes":
                return start + timedelta(minutes=within.amount)
            case "hours":
                return start + timedelta(hours=within.amount)
            case "days":
                return self._end_of(self.local_day(start) + timedelta(days=within.amount))
            case "working_days":
                return self._end_of(self._working_day_after(self.local_day(start), within.amount))
            case unit:
                raise ValueError(f"unknown unit of time: {unit}")

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether the working days between two moments may change with a notice still to come."""
        if self.working_days != NATIONAL:
            return False
        first, last = self.local_day(start).year, self.local_day(end - timedelta.resolution).year
        return any(not self._is_announced(year) for year in range(first, last + 1))

    def _is_announced(self, year: int) -> bool:
        return _is_published(year) or any(notice.year == year for notice in self.notices)

    def _nationally_working(self, day: date) -> bool:
        """Whether the day is worked by the notices, or by law alone in a year without a notice."""
        for notice in self.notices:  # a notice may name days of the years beside its own
            if day in notice.off or day in notice.worked:
                return day in notice.worked
        if _is_published(day.year):
            return bool(chinese_calendar.is_workday(day))
        if self._is_announced(day.year):
            return day.weekday() < SATURDAY
        return day.weekday() < SATURDAY and day not in _statutory_holidays(day.year)

    def _working_day_after(self, day: date, count: int) -> date:
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time.min, self.time_zone)


@lru_cache
def _is_published(year: int) -> bool:
    """Whether `chinese_calendar` knows the year's notice."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache
def _statutory_holidays(year: int) -> frozenset[date]:
    """The days off by law. One that falls on a weekend is made up on a day that the notice fixes."""
    from holidays.countries.china import China  # noqa: PLC0415 - slow to load, seldom needed

    return frozenset(China(years=year, observed=False))
