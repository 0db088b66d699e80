"""Lists of sources that departments supply: how a row is read, and how it meets the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.grid.sources.domain import credit_codes
from services.grid.sources.domain.ledger import LINES, Profile, grade_faults, profile_faults
from services.grid.sources.domain.settings import SourceSettings
from shared.errors import AlreadyExists, NotFound, Text, Violation

COMPARED = tuple(each.name for each in fields(Profile) if each.name not in {"grid_id", "state"})
"""Members of a profile in which a list may differ from the ledger."""
COLUMNS = (*COMPARED, "grade", "grid_code", "grid_name")
REQUIRED_COLUMNS = ("name", "type")
PLAIN = tuple(name for name in LINES if name not in {"type", "zone"})
"""The texts that are taken from a row unchanged."""
NO_NUMBER = Text("Give degrees as a number.", "应填写以度为单位的数字。")
NO_GRID = Text(
    "Give the grid's division code, or the name of a grid that no other has.",
    "应填写网格的行政区划代码,或不重名的网格名称。",
)
TWICE = Text("Row {row} of the file names the same source.", "与文件第 {row} 行为同一污染源。")
OUT_OF_REACH = Text(
    "None of your posts allows recording sources in this grid.", "您的岗位无权在该网格登记污染源。"
)


class ListNotFound(NotFound):
    """The county has no such list."""

    reason = "SOURCE_LIST_NOT_FOUND"
    title = Text("List not found", "未找到清单")
    detail = Text("There is no list {list_id} in this county.", "本县没有编号为 {list_id} 的清单。")


class ListExists(AlreadyExists):
    """A list with the same department, title and day is recorded already."""

    reason = "SOURCE_LIST_EXISTS"
    title = Text("List recorded already", "该清单已登记")
    detail = Text(
        "List {list_id} has the same department, title and day; import into that one.",
        "清单 {list_id} 的提供部门、标题和日期相同,请导入该清单。",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList:
    """A list that a department supplied. ``origins`` counts the sources it names."""

    list_id: UUID
    department_id: str
    title: str
    received_on: date
    created_at: datetime
    origins: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The row of a list that names a source, with what it says about the source, by column."""

    source_id: UUID
    list_id: UUID
    department_id: str
    row: int
    said: Mapping[str, str]
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it was understood."""

    row: int
    profile: Profile
    grade: str
    said: Mapping[str, str]


def read_row(
    row: int, cells: Mapping[str, str], grid_id: UUID | None, settings: SourceSettings
) -> tuple[Entry | None, list[Violation]]:
    """Read a row, or return all of its faults, with pointers that name columns.

    Types, grades and zones may be given by id or by the county's own name for them.
    """
    faults: list[Violation] = [] if grid_id else [Violation("/grid_code", NO_GRID)]
    longitude = _degrees(cells, "longitude", faults)
    latitude = _degrees(cells, "latitude", faults)
    plain: dict[str, Any] = {name: cells.get(name, "") for name in PLAIN}
    profile = Profile(
        grid_id=grid_id or UUID(int=0),
        type=_id_of(cells.get("type", ""), settings.types),
        credit_code=credit_codes.normal(cells.get("credit_code", "")),
        longitude=longitude,
        latitude=latitude,
        zone=_id_of(cells.get("zone", ""), settings.zones),
        **plain,
    )
    faults += profile_faults(profile, settings)
    grade = _id_of(cells.get("grade", ""), settings.grade_names)
    faults += grade_faults(grade, settings)
    said = {name: cells[name] for name in COLUMNS if cells.get(name)}
    return (None, faults) if faults else (Entry(row, profile, grade, said), [])


def filled(profile: Profile, entry: Profile) -> Profile:
    """Return the ledger's profile, with the members that it lacks taken from a list."""
    gained = {
        name: getattr(entry, name)
        for name in COMPARED
        if getattr(profile, name) in ("", None) and getattr(entry, name) not in ("", None)
    }
    if "longitude" in gained or "latitude" in gained:
        gained |= {"longitude": entry.longitude, "latitude": entry.latitude}
    return replace(profile, **gained)


def conflicts(
    origin: Origin, profile: Profile, places: Sequence[str], settings: SourceSettings
) -> list[str]:
    """Return the columns in which the list differs from the ledger as it is now.

    ``places`` are the code and the name of the source's grid.
    """
    entry, _ = read_row(origin.row, origin.said, profile.grid_id, settings)
    said = entry.profile if entry else None
    differing = [
        name
        for name in COMPARED
        if name in origin.said
        and (getattr(said, name) if said else origin.said[name]) != getattr(profile, name)
    ]
    elsewhere = [
        column
        for column in ("grid_code", "grid_name")
        if origin.said.get(column) and origin.said[column] not in places
    ]
    return differing + elsewhere


def _degrees(cells: Mapping[str, str], name: str, faults: list[Violation]) -> float | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        faults.append(Violation(f"/{name}", NO_NUMBER))
        return None


def _id_of(word: str, names: Mapping[str, str]) -> str:
    """Return the id that a word stands for, as the id itself or its name; otherwise the word."""
    if word in names:
        return word
    return next((known for known, name in names.items() if name == word), word)
