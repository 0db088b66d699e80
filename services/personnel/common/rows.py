"""Rows of files that people filled in: what a cell says, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shared.errors import InvalidArgument, Text, Violation
from shared.rows import Outcome, Row

MOST_ROWS = 5000

TOO_MANY_ROWS = Text(
    "A file may have at most {limit} rows; split it.", "每个文件最多 {limit} 行,请拆分后导入。"
)
NOT_ONE_OF = Text("Must be one of: {choices}.", "应为以下之一:{choices}。")
NO_ID = Text(
    "This is no id: use the id as the platform gave it.", "标识无效,请使用平台给出的标识。"
)
NO_MOMENT = Text(
    "Not a day or time, such as 2026-03-05 or 2026-03-05T08:00:00+08:00.",
    "应为日期或时间,例如 2026-03-05 或 2026-03-05T08:00:00+08:00。",
)
UNKNOWN_PERSON = Text("There is no such person in this county.", "本县没有该人员。")
NO_SUCH_NAME = Text("Nobody in this county is called {name}.", "本县没有姓名为“{name}”的人员。")
SAME_NAME = Text(
    "{count} people in this county are called {name}: give the id.",
    "本县有 {count} 人姓名为“{name}”:请填写人员编号。",
)
OTHER_NAME = Text("The person of this id is called otherwise.", "该编号的人员姓名与所填不符。")
NO_PERSON = Text("Give the person's id or name.", "请填写人员编号或姓名。")
ROW_TWICE = Text("Row {row} says the same of the same.", "与第 {row} 行重复。")
YES = frozenset({"true", "yes", "1", "是", "参加", "已参加"})
NO = frozenset({"false", "no", "0", "否", "未参加"})
MARKS = "true, false, 是, 否"

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class People:
    """The people whom a file may mean: names by id, and ids by name."""

    names: Mapping[UUID, str]
    ids: Mapping[str, Sequence[UUID]]

    def named_in(self, row: Row, outcome: Outcome) -> UUID | None:
        """The person whom the row means by id, by name, or both; a fault is noted."""
        text, name = row.cell("person_id"), row.cell("person_name")
        if text:
            person_id = as_id(text)
            if person_id is None:
                outcome.fault(row, "person_id", NO_ID)
            elif person_id not in self.names:
                outcome.fault(row, "person_id", UNKNOWN_PERSON)
            elif name and self.names[person_id] != name:
                outcome.fault(row, "person_name", OTHER_NAME)
            else:
                return person_id
            return None
        found = self.ids.get(name, ())
        if not name:
            outcome.fault(row, "person_id", NO_PERSON)
        elif not found:
            outcome.fault(row, "person_name", NO_SUCH_NAME.format(name=name))
        elif len(found) > 1:
            outcome.fault(row, "person_name", SAME_NAME.format(count=len(found), name=name))
        else:
            return found[0]
        return None


def check_number(rows: Sequence[Row]) -> None:
    """Raise InvalidArgument for a file that is too long."""
    if len(rows) > MOST_ROWS:
        raise InvalidArgument([Violation("/rows", TOO_MANY_ROWS.format(limit=MOST_ROWS))])


def as_id(text: str) -> UUID | None:
    """The id, or None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def ids_in(rows: Iterable[Row]) -> set[UUID]:
    """Every id of a person that the rows give."""
    return {found for row in rows if (found := as_id(row.cell("person_id"))) is not None}


def names_in(rows: Iterable[Row]) -> set[str]:
    """Every name by which alone a row means a person."""
    return {row.cell("person_name") for row in rows if not row.cell("person_id")} - {""}


def word(row: Row, column: str, words: Mapping[str, Word], outcome: Outcome) -> Word | None:
    """The word of a list, in English or Chinese; None for an empty cell."""
    text = row.cell(column)
    if not text:
        return None
    found = words.get(text)
    if found is None:
        outcome.fault(row, column, NOT_ONE_OF.format(choices=", ".join(words)))
    return found


def mark(row: Row, column: str, outcome: Outcome) -> bool | None:
    """Yes or no."""
    text = row.cell(column).lower()
    if text in YES | NO:
        return text in YES
    outcome.fault(row, column, NOT_ONE_OF.format(choices=MARKS))
    return None


def is_same_second(one: datetime, other: datetime) -> bool:
    """Whether the two are the same moment in a file, which states whole seconds."""
    return one.astimezone(UTC).replace(microsecond=0) == other.astimezone(UTC).replace(
        microsecond=0
    )


def moment(row: Row, column: str, zone: tzinfo, outcome: Outcome) -> datetime | None:
    """A moment; a day is its first moment in the county."""
    text = row.cell(column)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except ValueError:
        outcome.fault(row, column, NO_MOMENT)
        return None
