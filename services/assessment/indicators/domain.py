"""Indicators: what is counted, over which period, and why each record counts as it does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.errors import InvalidArgument, NotFound, Text, Violation

DECEMBER = 12


class IndicatorNotFound(NotFound):
    """No such indicator."""

    reason = "INDICATOR_NOT_FOUND"
    title = Text("Indicator not found", "未找到指标")
    detail = Text("There is no indicator {indicator_id}.", "没有编号为 {indicator_id} 的指标。")


class Outcome(StrEnum):
    """Whether a case that should have been handled kept its time limit."""

    IN_TIME = "in_time"
    LATE = "late"
    OVERDUE = "overdue"


REASONS = {
    Outcome.IN_TIME: "按期处置",
    Outcome.LATE: "超期处置",
    Outcome.OVERDUE: "超期未处置",
}
"""The names of the outcomes in published indicator sets."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of an indicator. What it counts and its wording never change within a version.

    The denominator is always the cases that should have been handled (应处置数): those handled in
    time, handled late, or overdue. A case inside its limit, without a limit, or refused is not
    among them. A case belongs to the period in which its limit ended (one that ran to the end of
    January ended in January), or in which it was handled if that was earlier.
    """

    indicator_id: str
    version: int
    name: Text
    numerator: frozenset[Outcome]
    numerator_words: str
    denominator_words: str
    source: str


DEFINITIONS = {
    definition.indicator_id: definition
    for definition in (
        Definition(
            "on_time_rate",
            1,
            Text("Handled on time", "按期处置率"),
            frozenset({Outcome.IN_TIME}),
            "按期处置数",
            "应处置数 = 按期处置数 + 超期处置数 + 超期未处置数",
            "数字化城市管理绩效指标:按期处置率 = 按期处置数 / 应处置数",
        ),
        Definition(
            "handling_rate",
            1,
            Text("Handled", "处置率"),
            frozenset({Outcome.IN_TIME, Outcome.LATE}),
            "处置数 = 按期处置数 + 超期处置数",
            "应处置数 = 按期处置数 + 超期处置数 + 超期未处置数",
            "数字化城市管理绩效指标:处置率 = 处置数 / 应处置数",
        ),
    )
}
"""The definitions in force, by id."""


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case of a period with its outcome."""

    case_id: UUID
    number: str
    outcome: Outcome
    due_at: datetime
    handled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year of the county, from ``start`` until before ``end``."""

    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Value:
    """An indicator's value. Where the denominator is 0 there is none."""

    definition: Definition
    period: Period
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """From 0 to 1, or None where nothing was due."""
        return self.numerator / self.denominator if self.denominator else None


def definition(indicator_id: str) -> Definition:
    """The definition in force. Raises IndicatorNotFound."""
    if indicator_id not in DEFINITIONS:
        raise IndicatorNotFound(indicator_id=indicator_id)
    return DEFINITIONS[indicator_id]


def period(label: str, zone: ZoneInfo, now: datetime) -> Period:
    """The period ``YYYY-MM`` or ``YYYY`` in the county's time zone; the present month unless given.

    Raises InvalidArgument for what is neither, and for years after the next.
    """
    label = label or now.astimezone(zone).strftime("%Y-%m")
    matched = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", label)
    if not matched or not int(matched[1]) >= 1 or int(matched[1]) > now.year + 1:
        raise _no_period()
    year, month = int(matched[1]), matched[2]
    if month is None:
        return Period(
            label, datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
        )
    if not 1 <= int(month) <= DECEMBER:
        raise _no_period()
    start = datetime(year, int(month), 1, tzinfo=zone)
    end = (year + 1, 1) if int(month) == DECEMBER else (year, int(month) + 1)
    return Period(label, start, datetime(*end, 1, tzinfo=zone))


def compute(chosen: Definition, over: Period, counts: Mapping[Outcome, int]) -> Value:
    """The value from the number of cases of each outcome."""
    numerator = sum(counts.get(outcome, 0) for outcome in chosen.numerator)
    return Value(chosen, over, numerator, sum(counts.values()))


def _no_period() -> InvalidArgument:
    return InvalidArgument(
        [
            Violation(
                "/period",
                Text(
                    "Give a month as YYYY-MM or a year as YYYY.", "请填写月份 YYYY-MM 或年份 YYYY。"
                ),
            )
        ]
    )
