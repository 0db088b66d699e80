"""Published schemes of all counties, for others to copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.errors import NotFound, Text


class PublishedSchemeUnknown(NotFound):
    """No such scheme can be copied."""

    reason = "SHELVED_SCHEME_NOT_FOUND"
    title = Text("No such scheme to copy", "没有可复制的方案")
    detail = Text(
        "County {from_county_id} has no such version of a scheme to copy.",
        "编号 {from_county_id} 的县(市、区)没有该版本的方案可供复制。",
    )


@dataclass(frozen=True, slots=True)
class PublishedScheme:
    """A county's published scheme."""

    from_county_id: str
    version: int
    county_name: str
    admin_code: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """A county's published scheme without its document."""

    from_county_id: str
    county_name: str
    version: int
    name: str
    template_id: str
    effective_on: date
    published_at: datetime
