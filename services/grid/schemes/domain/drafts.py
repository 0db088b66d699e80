"""The draft of a county's next scheme version, and what keeps it from being published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.grid.schemes.domain.versions import SchemeVersion
from shared.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Text,
    Violation,
)

DAY_PAST = Text(
    "A version begins today or later: the earliest day is {earliest}.",
    "方案应自当日或以后生效,最早为 {earliest}。",
)
DAY_BEFORE_NEWEST = Text(
    "Version {version} begins on {earliest}: the next cannot begin before it.",
    "第 {version} 版自 {earliest} 起生效,新版本不得早于该日。",
)
UNKNOWN_BASE = Text(
    "There is no published version {version}; the newest is {newest}.",
    "没有第 {version} 版方案,最新为第 {newest} 版。",
)


class DraftNotFound(NotFound):
    """The county has no draft."""

    reason = "SCHEME_DRAFT_NOT_FOUND"
    title = Text("No draft", "没有方案草稿")
    detail = Text(
        "This county has no draft of its scheme; save one first.", "本县没有方案草稿,请先保存。"
    )


class DraftOutdated(FailedPrecondition):
    """A version was published since the draft was begun."""

    reason = "SCHEME_DRAFT_OUTDATED"
    title = Text("The draft rests on an older version", "草稿所依据的版本已过时")
    detail = Text(
        "The draft rests on version {based_on}, but version {newest} was published since; compare "
        "the two, then save the draft with based_on {newest}.",
        "草稿依据第 {based_on} 版,其后已发布第 {newest} 版;请比较两版后以 based_on={newest} 重新保存。",
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """The next version of a scheme while it is worked on; it may have faults.

    ``based_on`` is the published version that it was made from.
    """

    version: int
    based_on: int
    document: Mapping[str, Any]
    saved_by: UUID | None
    saved_at: datetime


def base_of(asked: int, draft: Draft | None, newest: SchemeVersion) -> int:
    """The version that a saved draft rests on. Raises InvalidArgument for one never published."""
    if not asked:
        return draft.based_on if draft else newest.version
    if not 1 <= asked <= newest.version:
        fault = UNKNOWN_BASE.format(version=asked, newest=newest.version)
        raise InvalidArgument([Violation("/based_on", fault)])
    return asked


def day_faults(day: date, today: date, newest: SchemeVersion) -> list[Violation]:
    """Why a version cannot begin on a day: never in the past, nor before the newest version."""
    if day < today:
        return [Violation("/effective_on", DAY_PAST.format(earliest=today.isoformat()))]
    if day < newest.effective_on:
        earliest = newest.effective_on.isoformat()
        fault = DAY_BEFORE_NEWEST.format(version=newest.version, earliest=earliest)
        return [Violation("/effective_on", fault)]
    return []
