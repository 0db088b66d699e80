"""Counties, the tenants of the platform."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.context import CITY
from shared.errors import AlreadyExists, NotFound, Text, Violation

COUNTY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,31}\Z")
NAME_LENGTH = 100


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
class CountyCreated:
    """A county joined the platform."""

    county_id: str
    name: str
    admin_code: str
    time_zone: str


def created(county: County) -> CountyCreated:
    """The event that tells of a new county."""
    return CountyCreated(county.county_id, county.name, county.admin_code, county.time_zone)


def county_id_faults(county_id: str) -> list[Violation]:
    """What is wrong with an id chosen for a county."""
    if COUNTY_ID.match(county_id) and county_id != CITY:
        return []
    detail = Text(
        f"Use 2 to 32 lower-case letters, digits, - or _, and not '{CITY}'.",
        f"应为 2 至 32 位小写字母、数字、- 或 _,且不能是“{CITY}”。",
    )
    return [Violation("/county_id", detail)]


def name_faults(name: str) -> list[Violation]:
    """What is wrong with a county's name."""
    if not name.strip():
        return [Violation("/name", Text("This field is required.", "该字段必填。"))]
    if len(name) <= NAME_LENGTH and name.isprintable():
        return []
    detail = Text(
        f"Use one line of at most {NAME_LENGTH} characters.",
        f"应为单行文本,最多 {NAME_LENGTH} 个字符。",
    )
    return [Violation("/name", detail)]
