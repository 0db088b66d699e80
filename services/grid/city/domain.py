"""Counties, the tenants of the platform, as the city keeps them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.errors import AlreadyExists, NotFound, Text

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
