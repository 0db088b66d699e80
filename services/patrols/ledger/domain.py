"""The patrol ledger: what a patrol is, when it is acceptable, how records are chained."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.contracts.patrols import FindingReported, PatrolSubmitted
from shared.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    Text,
    Violation,
)
from shared.hash_chain import content_hash, link
from shared.redaction import NUMBERS_OF_PEOPLE, redact

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a device's clock may be ahead of ours."""

LONGEST_PATROL = timedelta(hours=24)
MAXIMUM_FINDINGS = 50
TOO_MANY = Text(
    f"A patrol has at most {MAXIMUM_FINDINGS} findings: hand in a second one.",
    f"一次巡查最多填报 {MAXIMUM_FINDINGS} 个问题,其余请另行提交。",
)


class PatrolNotFound(NotFound):
    """No such patrol in the county."""

    reason = "PATROL_NOT_FOUND"
    title = Text("Patrol not found", "未找到巡查记录")
    detail = Text(
        "There is no patrol {patrol_id} in this county.", "本县没有编号为 {patrol_id} 的巡查记录。"
    )


class ClientIdTaken(AlreadyExists):
    """The device sent this id before, with another content."""

    reason = "PATROL_CLIENT_ID_TAKEN"
    title = Text(
        "This patrol was handed in before with another content", "该巡查记录已提交且内容不同"
    )
    detail = Text(
        "client_id {client_id} stands for patrol {patrol_id}, whose content differs. A signed "
        "record is never changed: hand in a new one.",
        "client_id {client_id} 对应的巡查记录 {patrol_id} 内容不同。"
        "已签名的记录不可更改,请另行提交新记录。",
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong that a patrol found. Coordinates are WGS-84 or CGCS2000 degrees."""

    finding_id: UUID
    category: str
    description: str
    found_at: datetime
    longitude: float | None
    latitude: float | None
    stopped_by: str
    address: str
    pollution_source_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """When the patroller signed, and the hash of what the device showed, where it gave one."""

    signed_at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class Patrol:
    """A patrol as handed in, before it has its place in the ledger."""

    patrol_id: UUID
    client_id: str
    grid_id: UUID
    grid_path: str
    patroller_id: UUID
    started_at: datetime
    ended_at: datetime
    summary: str
    findings: tuple[Finding, ...]
    signature: Signature
    pollution_source_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A patrol at its place in its patroller's ledger."""

    patrol: Patrol
    number: int
    previous_hash: str
    record_hash: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The last place taken in a patroller's ledger; number 0 while it is empty."""

    number: int
    record_hash: str


def content_of(patrol: Patrol) -> Mapping[str, object]:
    """The content that the patroller signs. A device may send its hash as ``content_hash``.

    Pollution sources are part of it only where some are named, so that older records keep their hash.
    """
    named = patrol.pollution_source_ids
    sources = {"source_ids": list(named)} if named else {}
    return {
        "client_id": patrol.client_id,
        "grid_id": patrol.grid_id,
        "start_time": _utc(patrol.started_at),
        "end_time": _utc(patrol.ended_at),
        "summary": patrol.summary,
        "findings": [_content_of(finding) for finding in patrol.findings],
        **sources,
    }


def _content_of(finding: Finding) -> Mapping[str, object]:
    source_id = finding.pollution_source_id
    source = {} if source_id is None else {"source_id": source_id}
    return {
        "category": finding.category,
        "description": finding.description,
        "found_time": _utc(finding.found_at),
        "longitude": finding.longitude,
        "latitude": finding.latitude,
        "stopped_by": finding.stopped_by,
        "address": finding.address,
        **source,
    }


def check(patrol: Patrol, categories: Collection[str], now: datetime) -> None:
    """Raise InvalidArgument with all faults found in the record."""
    faults = [*_time_faults(patrol, now), *_signature_faults(patrol, now)]
    if len(patrol.findings) > MAXIMUM_FINDINGS:
        faults.append(Violation("/findings", TOO_MANY))
    for index, finding in enumerate(patrol.findings[:MAXIMUM_FINDINGS]):
        faults += _finding_faults(f"/findings/{index}", finding, patrol, categories)
    if faults:
        raise InvalidArgument(faults)


def enter(patrol: Patrol, head: LedgerHead, now: datetime) -> LedgerEntry:
    """Give the patrol the next place in its patroller's ledger."""
    number = head.number + 1
    record_hash = link(head.record_hash, _chained(patrol, number))
    return LedgerEntry(patrol, number, head.record_hash, record_hash, now)


def verify(entries: Iterable[LedgerEntry]) -> tuple[int, UUID | None]:
    """Count the records of a whole ledger, in order, and find the first that does not fit its chain.

    The entries are read one after the other, so they need not be in memory together.
    """
    records, broken, head = 0, None, LedgerHead(0, "")
    for entry in entries:
        records += 1
        if broken is None and entry != enter(entry.patrol, head, entry.submitted_at):
            broken = entry.patrol.patrol_id
        head = LedgerHead(entry.number, entry.record_hash)
    return records, broken


def events_of(entry: LedgerEntry) -> list[PatrolSubmitted | FindingReported]:
    """The events that the record causes."""
    patrol = entry.patrol
    submitted = PatrolSubmitted(
        patrol_id=patrol.patrol_id,
        grid_id=patrol.grid_id,
        grid_path=patrol.grid_path,
        patroller_id=patrol.patroller_id,
        started_at=patrol.started_at,
        ended_at=patrol.ended_at,
        finding_count=len(patrol.findings),
        source_ids=patrol.pollution_source_ids,
    )
    return [submitted, *(_reported(patrol, finding) for finding in patrol.findings)]


def _reported(patrol: Patrol, finding: Finding) -> FindingReported:
    return FindingReported(
        finding_id=finding.finding_id,
        patrol_id=patrol.patrol_id,
        grid_id=patrol.grid_id,
        category=finding.category,
        description=redact(finding.description, kinds=NUMBERS_OF_PEOPLE).text,
        address=redact(finding.address, kinds=NUMBERS_OF_PEOPLE).text,
        found_at=finding.found_at,
        longitude=finding.longitude,
        latitude=finding.latitude,
        reporter_id=patrol.patroller_id,
        source_id=finding.pollution_source_id,
    )


def _chained(patrol: Patrol, number: int) -> Mapping[str, object]:
    return {
        "patrol_id": patrol.patrol_id,
        "patroller_id": patrol.patroller_id,
        "number": number,
        "finding_ids": [finding.finding_id for finding in patrol.findings],
        "sign_time": _utc(patrol.signature.signed_at),
        "content": content_of(patrol),
    }


def _time_faults(patrol: Patrol, now: datetime) -> list[Violation]:
    faults = []
    if patrol.started_at > now + CLOCK_TOLERANCE:
        faults.append(
            Violation("/start_time", Text("It lies in the future.", "不得晚于当前时间。"))
        )
    if patrol.ended_at < patrol.started_at:
        faults.append(
            Violation("/end_time", Text("It lies before start_time.", "不得早于 start_time。"))
        )
    elif patrol.ended_at - patrol.started_at > LONGEST_PATROL:
        faults.append(
            Violation(
                "/end_time", Text("A patrol lasts at most 24 hours.", "一次巡查不超过24小时。")
            )
        )
    elif patrol.ended_at > now + CLOCK_TOLERANCE:
        faults.append(Violation("/end_time", Text("It lies in the future.", "不得晚于当前时间。")))
    return faults


def _signature_faults(patrol: Patrol, now: datetime) -> list[Violation]:
    faults = []
    signature = patrol.signature
    if signature.signed_at < patrol.ended_at or signature.signed_at > now + CLOCK_TOLERANCE:
        faults.append(
            Violation(
                "/signature/sign_time",
                Text(
                    "Sign after the patrol's end, not in the future.",
                    "签名时间应在巡查结束之后且不晚于当前时间。",
                ),
            )
        )
    if signature.content_hash and signature.content_hash != content_hash(content_of(patrol)):
        faults.append(
            Violation(
                "/signature/content_hash",
                Text(
                    "It does not fit the record: sign what is sent.",
                    "与提交内容不符,请对所提交的内容签名。",
                ),
            )
        )
    return faults


def _finding_faults(
    pointer: str, finding: Finding, patrol: Patrol, categories: Collection[str]
) -> list[Violation]:
    faults = []
    if finding.category not in categories:
        known = ", ".join(sorted(categories))
        faults.append(
            Violation(
                f"{pointer}/category",
                Text(
                    f"'{finding.category}' is no category of this county. Use one of: {known}.",
                    f"本县没有类别“{finding.category}”,可用类别:{known}。",
                ),
            )
        )
    if not patrol.started_at <= finding.found_at <= patrol.ended_at:
        faults.append(
            Violation(
                f"{pointer}/found_time",
                Text("It lies outside of the patrol.", "发现时间不在巡查时段内。"),
            )
        )
    return faults + _place_faults(pointer, finding)


def _place_faults(pointer: str, finding: Finding) -> list[Violation]:
    faults = []
    if (finding.longitude is None) != (finding.latitude is None):
        faults.append(
            Violation(
                pointer, Text("Give longitude and latitude, or neither.", "经纬度须同时填写。")
            )
        )
    for name, degrees, limit in (
        ("longitude", finding.longitude, 180),
        ("latitude", finding.latitude, 90),
    ):
        if degrees is not None and not -limit <= degrees <= limit:
            text = Text(
                f"Give degrees from -{limit} to {limit}.",
                f"请填写 -{limit} 到 {limit} 之间的度数。",
            )
            faults.append(Violation(f"{pointer}/{name}", text))
    return faults


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
