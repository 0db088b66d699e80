"""Written rules of a county, its levels and its grids, in versions that never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from shared.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Text,
    Violation,
    require_version,
)

LINE, TEXT, URL = 200, 200_000, 2000
REQUIRED = Text("This field is required.", "该字段必填。")
TOO_LONG = Text("Use one line of at most {limit} characters.", "应为单行文本,最多 {limit} 个字符。")
BAD_TEXT = Text(
    f"Use at most {TEXT} characters, without U+0000.", f"最多 {TEXT} 个字符,且不能含有 U+0000。"
)
NO_WORDS = Text("Give the text, or the address where it is.", "应填写正文或网址。")
BAD_URL = Text("Give an address that begins with https://.", "网址应以 https:// 开头。")
ONE_PLACE = Text(
    "A rule belongs to a level or to a grid, not both.", "制度只能属于层级或网格之一。"
)
PLAN_WITHOUT_GRID = Text("A grid plan belongs to a grid: give it.", "网格方案属于网格,请填写网格。")
UNKNOWN_LEVEL = Text(
    "The scheme has no level '{level}'; there are: {known}.",
    "方案中没有层级“{level}”,现有:{known}。",
)
BEFORE_NEWEST = Text(
    "The newest version holds from {day}: the next cannot hold earlier.",
    "最新版本自 {day} 起生效,新版本不得更早。",
)


class RuleKind(StrEnum):
    """What a rule is about."""

    PATROL = "patrol"
    REPORT_DISCLOSURE = "report_disclosure"
    CASE_TRANSFER = "case_transfer"
    JOINT_ENFORCEMENT = "joint_enforcement"
    DUTY = "duty"
    PROCESS = "process"
    TRAINING = "training"
    INFORMATION_EXCHANGE = "information_exchange"
    GRID_PLAN = "grid_plan"
    WORKING_RULES = "working_rules"
    OTHER = "other"


class RuleNotFound(NotFound):
    """No such rule, or none of its versions holds on the day."""

    reason = "RULE_NOT_FOUND"
    title = Text("Rule not found", "未找到该制度")
    detail = Text(
        "There is no rule {rule_id} in force here on that day.", "当日没有编号为 {rule_id} 的制度。"
    )


class GridHasPlan(AlreadyExists):
    """A grid has one plan, in versions."""

    reason = "GRID_HAS_PLAN"
    title = Text("The grid has a plan already", "该网格已有方案")
    detail = Text(
        "The grid's plan is rule {rule_id}: add a version to it.",
        "该网格的方案为 {rule_id},请为其增加版本。",
    )


class RuleNotFiled(FailedPrecondition):
    """A rule of no grid has no office above to be filed with."""

    reason = "RULE_HAS_NO_GRID"
    title = Text("Only a grid's document is filed", "仅网格文件需备案")
    detail = Text(
        "This rule belongs to no grid: there is no office above to file it with.",
        "该制度不属于任何网格,无需向上级备案。",
    )


class RuleFiledAlready(FailedPrecondition):
    """The newest version was filed before."""

    reason = "RULE_FILED_ALREADY"
    title = Text("Filed already", "已备案")
    detail = Text(
        "Version {version} was filed with {office} already.", "第 {version} 版已向{office}备案。"
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule without its words: of a level, of a grid, or, with neither, of the county."""

    rule_id: UUID
    kind: RuleKind
    level_id: str | None
    grid_id: UUID | None


@dataclass(frozen=True, slots=True)
class Words:
    """What a version of a rule says; ``url`` is where its text can be read."""

    title: str
    number: str
    issuer: str
    trial: bool
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Filing:
    """The filing of a version with the office above."""

    office: str
    filed_by: UUID | None
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule, in force from a day on until the next."""

    rule: Rule
    version: int
    words: Words
    effective_on: date
    added_by: UUID | None
    added_at: datetime
    filing: Filing | None = None


@dataclass(frozen=True, slots=True)
class RuleFilters:
    """The filters of a list of rules. None does not filter."""

    kind: RuleKind | None = None
    level_id: str | None = None
    grid_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class GridWithout:
    """A grid that lacks a document, or, where one is ``unfiled``, its filing."""

    grid_id: UUID
    path: str
    level_id: str
    name: str
    unfiled: bool


def word_faults(words: Words) -> list[Violation]:
    """Return the faults in the words of a version."""
    faults = [] if words.title else [Violation("/title", REQUIRED)]
    for name in ("title", "number", "issuer"):
        value = getattr(words, name)
        if len(value) > LINE or (value and not value.isprintable()):
            faults.append(Violation(f"/{name}", TOO_LONG.format(limit=LINE)))
    if len(words.text) > TEXT or "\x00" in words.text:
        faults.append(Violation("/text", BAD_TEXT))
    if words.url and not _is_address(words.url):
        faults.append(Violation("/url", BAD_URL))
    if not words.text and not words.url:
        faults.append(Violation("/text", NO_WORDS))
    return faults


def place_faults(rule: Rule, level_ids: Sequence[str]) -> list[Violation]:
    """Return the faults of the level or grid that a rule is to belong to, given the scheme's levels."""
    if rule.level_id is not None and rule.grid_id is not None:
        return [Violation("/level_id", ONE_PLACE)]
    if rule.kind is RuleKind.GRID_PLAN and rule.grid_id is None:
        return [Violation("/grid_id", PLAN_WITHOUT_GRID)]
    if rule.level_id is not None and rule.level_id not in level_ids:
        fault = UNKNOWN_LEVEL.format(level=rule.level_id, known=", ".join(level_ids))
        return [Violation("/level_id", fault)]
    return []


def next_version(
    newest: RuleVersion,
    words: Words,
    effective_on: date,
    expected_version: int,
    by: tuple[UUID | None, datetime],
) -> RuleVersion:
    """The version after the newest; an ``expected_version`` of 0 skips its check.

    Raises Aborted, or InvalidArgument naming every fault.
    """
    require_version(expected_version, newest.version)
    faults = word_faults(words)
    if effective_on < newest.effective_on:
        fault = BEFORE_NEWEST.format(day=newest.effective_on.isoformat())
        faults.append(Violation("/effective_on", fault))
    if faults:
        raise InvalidArgument(faults)
    return RuleVersion(newest.rule, newest.version + 1, words, effective_on, *by)


def check_filing(newest: RuleVersion, expected_version: int) -> None:
    """Raise Aborted, RuleNotFiled or RuleFiledAlready where the version cannot be filed."""
    if newest.rule.grid_id is None:
        raise RuleNotFiled
    require_version(expected_version, newest.version)
    if newest.filing is not None:
        raise RuleFiledAlready(version=newest.version, office=newest.filing.office)


def office_faults(office: str) -> list[Violation]:
    """Return the faults in the name of an office."""
    if not office:
        return [Violation("/office", REQUIRED)]
    if len(office) > LINE or not office.isprintable():
        return [Violation("/office", TOO_LONG.format(limit=LINE))]
    return []


def _is_address(url: str) -> bool:
    if len(url) > URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)
