"""Regulated pollution sources: what the ledger holds, and how a source is verified and graded."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.grid.sources.domain import credit_codes
from services.grid.sources.domain.settings import SourceSettings
from shared.contracts.grid import SourceRecorded
from shared.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Text,
    Violation,
)
from shared.numbers import is_credit_code

LINE = 200
EAST, NORTH = 180, 90
REQUIRED = Text("This field is required.", "该字段必填。")
TOO_LONG = Text(f"Use one line of at most {LINE} characters.", f"应为单行文本,最多 {LINE} 个字符。")
BOTH_COORDINATES = Text(
    "Give longitude and latitude together, in degrees.", "经度和纬度应同时填写,单位为度。"
)
NO_GRADES = Text("The county's scheme states no grades.", "本县方案未规定监管等级。")


class SourceState(StrEnum):
    """Whether a source is in operation."""

    UNKNOWN = "unknown"
    OPERATING = "operating"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Verification(StrEnum):
    """What was found on site."""

    UNVERIFIED = "unverified"
    OPERATING = "operating"
    CLOSED = "closed"
    NOT_FOUND = "not_found"


STATE_FOUND = {
    Verification.OPERATING: SourceState.OPERATING,
    Verification.CLOSED: SourceState.CLOSED,
}
"""The state that a verification on site establishes. One that finds nothing leaves the state."""


class SourceNotFound(NotFound):
    """The county has no such source."""

    reason = "SOURCE_NOT_FOUND"
    title = Text("Source not found", "未找到污染源")
    detail = Text(
        "There is no pollution source {source_id} in this county.",
        "本县没有编号为 {source_id} 的污染源。",
    )


class GridRetired(FailedPrecondition):
    """The grid of a source is no longer in force."""

    reason = "SOURCE_GRID_RETIRED"
    title = Text("The grid is no longer in force", "网格已停用")
    detail = Text(
        "Grid {grid_id} is no longer in force; use the one that took its place.",
        "网格 {grid_id} 已停用,请使用承接它的网格。",
    )


class SourceExists(AlreadyExists):
    """The ledger has the source already."""

    reason = "SOURCE_EXISTS"
    title = Text("Source recorded already", "该污染源已登记")
    detail = Text(
        "Source {source_id} has the same credit code, or the same name in the same grid; change that one.",
        "污染源 {source_id} 的信用代码相同,或在同一网格内名称相同,请修改该条记录。",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The description of a source as people write it. An empty text means not stated.

    Degrees are WGS-84 or CGCS2000.
    """

    grid_id: UUID
    name: str
    type: str
    credit_code: str = ""
    address: str = ""
    industry: str = ""
    longitude: float | None = None
    latitude: float | None = None
    zone: str = ""
    state: SourceState = SourceState.UNKNOWN
    automatic_monitoring: str = ""
    patrol_monitoring: str = ""
    law_record: str = ""


TEXTS = tuple(each.name for each in fields(Profile) if each.type is str)
LINES = tuple(name for name in TEXTS if name != "credit_code")
"""The texts that are one line each. The credit code has a form of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A pollution source in the county's ledger. It belongs to one grid, and to all above that."""

    source_id: UUID
    profile: Profile
    grade: str = ""
    key_object: bool = False
    verification: Verification = Verification.UNVERIFIED
    verified_at: datetime | None = None
    off_list: bool = False
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A source as it is shown: with its grid, the departments that list it, and counts of its cases."""

    source: Source
    grid_path: str
    grid_name: str
    grid_code: str
    departments: tuple[str, ...] = ()
    cases_opened: int = 0
    cases_closed: int = 0
    missing_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilters:
    """The filters of a list of sources. An empty text or None does not filter."""

    type: str = ""
    grade: str = ""
    department_id: str = ""
    list_id: UUID | None = None
    object_id: UUID | None = None
    verification: Verification | None = None
    state: SourceState | None = None
    key_object: bool | None = None
    off_list: bool | None = None
    zone: str = ""
    industry: str = ""
    name: str = ""
    lacking: tuple[str, ...] = ()
    """Only sources whose file lacks at least one of these parts."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One entry in the history of verifications on site."""

    source_id: UUID
    number: int
    result: Verification
    note: str
    actor_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Grading:
    """One entry in the history of grades."""

    source_id: UUID
    number: int
    grade: str
    key_object: bool
    reason: str
    actor_id: UUID | None
    at: datetime


def name_key(name: str) -> str:
    """Return the key by which names are compared: letters and digits, without width or case."""
    return "".join(
        each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalnum()
    )


def check(profile: Profile, settings: SourceSettings) -> None:
    """Raise InvalidArgument naming every fault of a profile."""
    if faults := profile_faults(profile, settings):
        raise InvalidArgument(faults)


def profile_faults(profile: Profile, settings: SourceSettings) -> list[Violation]:
    """Return every fault of a profile, each with its pointer."""
    faults = [
        Violation(f"/{name}", TOO_LONG)
        for name in LINES
        if len(getattr(profile, name)) > LINE or not getattr(profile, name).isprintable()
    ]
    if not name_key(profile.name):
        faults.append(Violation("/name", REQUIRED))
    faults += known_faults("/type", profile.type, settings.types, required=True)
    faults += known_faults("/zone", profile.zone, settings.zones)
    if profile.credit_code and not is_credit_code(profile.credit_code):
        faults.append(Violation("/credit_code", credit_codes.FAULT))
    return faults + _coordinate_faults(profile)


def known_faults(
    pointer: str, value: str, known: Mapping[str, Any], *, required: bool = False
) -> list[Violation]:
    """Return the faults of a word that must be one of those known."""
    if not value:
        return [Violation(pointer, REQUIRED)] if required else []
    if value in known:
        return []
    words = ", ".join(known) or "-"
    detail = Text(
        "'{value}' is none of the county's: {words}.", "“{value}”不在本县所列之内:{words}。"
    )
    return [Violation(pointer, detail.format(value=value, words=words))]


def _coordinate_faults(profile: Profile) -> list[Violation]:
    longitude, latitude = profile.longitude, profile.latitude
    if longitude is None and latitude is None:
        return []
    fits = (
        longitude is not None
        and latitude is not None
        and abs(longitude) <= EAST
        and abs(latitude) <= NORTH
    )
    return [] if fits else [Violation("/longitude", BOTH_COORDINATES)]


def grade_faults(grade: str, settings: SourceSettings) -> list[Violation]:
    """Return the faults of a grade. An empty grade has none."""
    if grade and not settings.grades:
        return [Violation("/grade", NO_GRADES)]
    return known_faults("/grade", grade, settings.grades)


def changed(source: Source, profile: Profile) -> Source:
    """Return the source with the profile, or the same object if nothing differs."""
    if profile == source.profile:
        return source
    return replace(source, profile=profile, version=source.version + 1)


def verified(source: Source, result: Verification, now: datetime) -> Source:
    """Return the source after a verification on site."""
    state = STATE_FOUND.get(result, source.profile.state)
    return replace(
        source,
        profile=replace(source.profile, state=state),
        verification=result,
        verified_at=now,
        version=source.version + 1,
    )


def graded(source: Source, grade: str, *, key_object: bool) -> Source:
    """Return the source with the grade."""
    return replace(source, grade=grade, key_object=key_object, version=source.version + 1)


def recorded(source: Source, grid_path: str) -> SourceRecorded:
    """Return the event that reports the present state of a source."""
    return SourceRecorded(
        source_id=source.source_id,
        grid_id=source.profile.grid_id,
        grid_path=grid_path,
        type=source.profile.type,
        grade=source.grade or None,
        key_object=source.key_object,
        zone=source.profile.zone or None,
        state=source.profile.state.value,
        verification=source.verification.value,
        off_list=source.off_list,
    )
