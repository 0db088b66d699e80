"""Deadlines: elapsed time, calendar days, or working days of the county's own calendar."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

log = logging.getLogger(__name__)

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
class Calendar:
    """A county's time zone and working days, with its own exceptions.

    ``working_days`` is ``national`` (the State Council's arrangement), ``monday_to_friday`` or
    ``every_day``.
    """

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(TIME_ZONE))
    overrides: Mapping[date, bool] = field(default_factory=dict)
    working_days: str = NATIONAL

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None) -> "Calendar":
        """Read the scheme's ``calendar``; where silent, the national one in Asia/Shanghai."""
        document = document or {}
        overrides = {
            date.fromisoformat(entry["date"]): bool(entry["working"])
            for entry in document.get("overrides") or ()
        }
        zone = ZoneInfo(document.get("time_zone") or TIME_ZONE)
        return cls(zone, overrides, document.get("working_days") or NATIONAL)

    def local_day(self, moment: datetime) -> date:
        """The day in the county on which the moment falls."""
        return moment.astimezone(self.time_zone).date()

    def is_working(self, day: date) -> bool:
        """Whether the county works on the day."""
        if day in self.overrides:
            return self.overrides[day]
        match self.working_days:
            case "national":
                return _nationally_working(day)
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

    def _working_day_after(self, day: date, count: int) -> date:
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time.min, self.time_zone)


@lru_cache(maxsize=4096)
def _nationally_working(day: date) -> bool:
    """The State Council's arrangement; plain weekdays for a year that is not announced yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning("no national calendar for %s yet: weekdays count as working days", day.year)
        return day.weekday() < SATURDAY
