"""A source's file (一企一档): its parts, what may be entered, and what happened by events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any
from uuid import UUID

from services.grid.sources.domain.ledger import LINE, REQUIRED, TOO_LONG, known_faults
from services.grid.sources.domain.settings import SourceSettings
from shared.errors import InvalidArgument, NotFound, Text, Violation

PARTS: Mapping[str, str] = {
    "filing": "备案",
    "permit": "排污许可",
    "eia": "环评审批",
    "discharge": "排污记录",
    "treatment": "治理记录",
    "document": "其他材料",
    "equipment": "设备",
    "monitoring": "监控",
    "service": "服务机构",
    "surroundings": "周边敏感点和水体",
    "patrols": "巡查记录",
    "cases": "案件记录",
}
"""Parts that any file may have; a county's own standard may name others."""

PARTS_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "equipment": ("equipment",),
    "service": ("service_organisation",),
    "surroundings": ("sensitive_point", "water"),
}
PARTS_OF_EVENTS: Mapping[str, tuple[str, ...]] = {
    "patrols": ("patrol.submitted.v1", "finding.reported.v1"),
    "cases": ("case.opened.v1",),
}
DETAIL = 4000
DETAIL_LONG = Text(f"Use at most {DETAIL} characters.", f"最多 {DETAIL} 个字符。")
NOT_LESS = Text("Give a number of 0 or more.", "应填写不小于 0 的数字。")


class FileEntryNotFound(NotFound):
    """The county's files have no such entry."""

    reason = "SOURCE_FILE_ENTRY_NOT_FOUND"
    title = Text("Entry not found", "未找到档案条目")
    detail = Text(
        "There is no entry {entry_id} in this county's files.",
        "本县档案中没有编号为 {entry_id} 的条目。",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """The content of an entry as people write it. Empty and None mean not stated."""

    part: str
    title: str
    reference: str = ""
    """Number or address of the document."""
    dated_on: date | None = None
    detail: str = ""
    treated: bool | None = None
    """Whether treatment has been done."""
    pollutant: str = ""
    amount: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A filing, a permit, a record or a document in a source's file."""

    entry_id: UUID
    source_id: UUID
    content: FileContent
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """Something that an event reported about a source. Facts hold ids, codes and counts."""

    event_id: UUID
    source_id: UUID
    key: str
    about_id: UUID
    at: datetime
    facts: Mapping[str, Any]


def check(content: FileContent, settings: SourceSettings) -> None:
    """Raise InvalidArgument naming every fault."""
    parts = {**PARTS, **{part.id: part.name for part in settings.file_standard}}
    faults = known_faults("/part", content.part, parts, required=True)
    if not content.title.strip():
        faults.append(Violation("/title", REQUIRED))
    faults += [
        Violation(f"/{name}", TOO_LONG)
        for name in ("title", "reference", "pollutant", "unit")
        if len(getattr(content, name)) > LINE
    ]
    if len(content.detail) > DETAIL:
        faults.append(Violation("/detail", DETAIL_LONG))
    if content.amount is not None and not (isfinite(content.amount) and content.amount >= 0):
        faults.append(Violation("/amount", NOT_LESS))
    if faults:
        raise InvalidArgument(faults)
