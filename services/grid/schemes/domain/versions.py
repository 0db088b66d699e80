"""Versions of a county's scheme, and what the rest of the service asks of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.grid import SchemePublished
from shared.errors import NotFound, Text


class SchemeNotInForce(NotFound):
    """No version of the scheme holds on the day."""

    reason = "SCHEME_NOT_IN_FORCE"
    title = Text("No scheme in force", "当日无有效方案")
    detail = Text("No scheme is in force on {day}.", "{day} 没有有效的方案。")


class SchemeVersionUnknown(NotFound):
    """The county has published no such version."""

    reason = "SCHEME_VERSION_NOT_FOUND"
    title = Text("No such version", "没有该版本")
    detail = Text("The county's scheme has no version {version}.", "本县方案没有第 {version} 版。")


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A published version of a county's scheme. It never changes."""

    version: int
    effective_on: date
    document: Mapping[str, Any]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class SchemeEntry:
    """A published version without its document."""

    version: int
    effective_on: date
    name: str
    published_at: datetime


def published(scheme: SchemeVersion) -> SchemePublished:
    """The event of a new version of the scheme."""
    return SchemePublished(
        version=scheme.version, effective_on=scheme.effective_on, document=scheme.document
    )
