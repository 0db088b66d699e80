"""Counties, versions of their schemes, and their grids. Plain Python: no database, no network."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.context import CITY
from shared.errors import AlreadyExists, NotFound, Text, Violation

COUNTY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,31}\Z")
ROOT_PATH = ""
GRIDS_PER_EVENT = 500
COUNTY_CODE, TOWN_CODE, VILLAGE_CODE = 6, 9, 12


class CountyState(StrEnum):
    """Whether a county may be written to."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class CountyExists(AlreadyExists):
    """The county id is taken."""

    reason = "COUNTY_EXISTS"
    title = Text("County exists already", "该县(市、区)已存在")
    detail = Text(
        "County {county_id} is on the platform already; choose another id.",
        "编号 {county_id} 的县(市、区)已在平台上,请更换编号。",
    )


class CountyUnknown(NotFound):
    """No such county."""

    reason = "COUNTY_NOT_FOUND"
    title = Text("County not found", "未找到该县(市、区)")
    detail = Text("There is no county {county_id}.", "没有编号为 {county_id} 的县(市、区)。")


class SchemeNotInForce(NotFound):
    """No version of the scheme holds on the day."""

    reason = "SCHEME_NOT_IN_FORCE"
    title = Text("No scheme in force", "当日无有效方案")
    detail = Text("No scheme is in force on {day}.", "{day} 没有有效的方案。")


@dataclass(frozen=True, slots=True)
class County:
    """A county as a tenant."""

    county_id: str
    name: str
    admin_code: str
    time_zone: str
    state: CountyState
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A published version of a county's scheme. It never changes."""

    version: int
    effective_on: date
    document: Mapping[str, Any]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Grid:
    """A place under supervision."""

    grid_id: UUID
    node: int
    parent_id: UUID | None
    path: str
    level_id: str
    rank: str
    unit_type: str
    name: str
    admin_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which grids are wanted; None does not narrow. ``at`` is the moment they are in force."""

    at: datetime
    parent_id: UUID | None = None
    level_id: str | None = None
    name: str | None = None
    admin_code: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative division that is to have a grid."""

    code: str
    name: str
    rank: str


@dataclass(frozen=True, slots=True)
class CountyCreated:
    """A county joined the platform."""

    county_id: str
    name: str
    admin_code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class SchemePublished:
    """A version of the county's scheme was published."""

    version: int
    effective_on: date
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GridsChanged:
    """Grids that were made or changed together, as they stand now."""

    grids: tuple[Grid, ...]


def county_id_faults(county_id: str) -> list[Violation]:
    """What is wrong with an id chosen for a county."""
    if COUNTY_ID.match(county_id) and county_id != CITY:
        return []
    detail = Text(
        f"Use 2 to 32 lower-case letters, digits, - or _, and not '{CITY}'.",
        f"应为 2 至 32 位小写字母、数字、- 或 _,且不能是“{CITY}”。",
    )
    return [Violation("/county_id", detail)]


def own_levels(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The scheme's own levels by rank; of several with one rank the first."""
    levels: dict[str, Mapping[str, Any]] = {}
    for level in document["levels"]:
        if level["scope"] == "own":
            levels.setdefault(level["rank"], level)
    return levels


def unit_type(unit: Unit) -> str:
    """What kind of unit a division is, by the rules of its statistical code.

    Towns by their three digits (GB/T 10114): to 099 streets, to 199 towns, to 399 townships, beyond
    that what is like them. Villages: to 199 residents' committees, to 399 villagers' committees.
    """
    if len(unit.code) == TOWN_CODE:
        return _by_number(
            unit.code[6:9], ((99, "street"), (199, "town"), (399, "township")), "township_like"
        )
    if len(unit.code) == VILLAGE_CODE:
        return _by_number(
            unit.code[9:12],
            ((199, "community"), (399, "village"), (499, "community_like")),
            "village_like",
        )
    return unit.rank


def wanted_units(codes: Sequence[str], units: Iterable[Unit]) -> list[Unit]:
    """The units at, below and above the codes, upper ones first.

    Those above come along so that every grid has its parent from the day it is made.
    """
    below = tuple(codes)
    above = {upper for code in codes for upper in upper_codes(code)}
    wanted = (unit for unit in units if unit.code.startswith(below) or unit.code in above)
    return sorted(wanted, key=lambda unit: (len(unit.code), unit.code))


def upper_codes(code: str) -> tuple[str, ...]:
    """Codes of the divisions above, within the county, nearest first."""
    return tuple(code[:length] for length in (TOWN_CODE, COUNTY_CODE) if length < len(code))


def make_grids(
    units: Sequence[Unit],
    levels: Mapping[str, Mapping[str, Any]],
    existing: Mapping[str, Grid],
    *,
    first_node: int,
    ids: Iterable[UUID],
    now: datetime,
) -> list[Grid]:
    """A grid for each unit, under the nearest unit above it that has one. Upper units come first."""
    known = dict(existing)
    made = []
    for node, (unit, grid_id) in enumerate(zip(units, ids, strict=True), start=first_node):
        parent = _above(unit.code, known)
        grid = Grid(
            grid_id=grid_id,
            node=node,
            parent_id=parent.grid_id if parent else None,
            path=f"{parent.path if parent else ROOT_PATH}{node}.",
            level_id=levels[unit.rank]["id"],
            rank=unit.rank,
            unit_type=unit_type(unit),
            name=unit.name,
            admin_code=unit.code,
            valid_from=now,
            valid_to=None,
            version=1,
        )
        known[unit.code] = grid
        made.append(grid)
    return made


def chunks(grids: Sequence[Grid]) -> list[GridsChanged]:
    """The events that tell of the grids, each of at most 500."""
    return [
        GridsChanged(tuple(grids[start : start + GRIDS_PER_EVENT]))
        for start in range(0, len(grids), GRIDS_PER_EVENT)
    ]


def _by_number(digits: str, limits: Sequence[tuple[int, str]], beyond: str) -> str:
    number = int(digits)
    return next((kind for limit, kind in limits if number <= limit), beyond)


def _above(code: str, known: Mapping[str, Grid]) -> Grid | None:
    return next((known[upper] for upper in upper_codes(code) if upper in known), None)
