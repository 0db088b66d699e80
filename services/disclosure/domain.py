"""The disclosure register: what must be published, by when, and the steps until it is public."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Text,
    Violation,
)
from shared.hash_chain import content_hash
from shared.redaction import redact
from shared.structure.scheme import Scheme
from shared.working_time import Calendar, Within

DUE = "due"
SUBMITTED = "submitted"
APPROVED = "approved"
PUBLISHED = "published"
WITHDRAWN = "withdrawn"

CASE = "case"
"""What an item that a case brought about is about."""

MAXIMUM_TITLE = 200
MAXIMUM_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an item: the states it starts from and the one it leads to."""

    starts: frozenset[str]
    leads_to: str
    name: Text


STEPS: Mapping[str, Step] = {
    "submit": Step(frozenset({DUE, SUBMITTED}), SUBMITTED, Text("submitted", "提交")),
    "approve": Step(frozenset({SUBMITTED}), APPROVED, Text("approved", "审核通过")),
    "publish": Step(frozenset({APPROVED}), PUBLISHED, Text("published", "发布")),
    "withdraw": Step(frozenset({PUBLISHED}), WITHDRAWN, Text("withdrawn", "撤回")),
}
"""Every step there is. A draft may be submitted anew until it is approved."""

STATE_NAMES = {
    DUE: "待公开",
    SUBMITTED: "待审核",
    APPROVED: "待发布",
    PUBLISHED: "已发布",
    WITHDRAWN: "已撤回",
}


class ItemNotFound(NotFound):
    """No such item in the county's register."""

    reason = "DISCLOSURE_ITEM_NOT_FOUND"
    title = Text("Register item not found", "未找到公开事项")
    detail = Text(
        "There is no register item {item_id} in this county.",
        "本县信息公开台账中没有编号为 {item_id} 的事项。",
    )


class PublicationNotFound(NotFound):
    """Nothing published under the id."""

    reason = "PUBLICATION_NOT_FOUND"
    title = Text("Publication not found", "未找到公开信息")
    detail = Text(
        "This county has published nothing under {publication_id}.",
        "本县没有编号为 {publication_id} 的公开信息。",
    )


class CountyUnknown(NotFound):
    """The platform has no such county."""

    reason = "COUNTY_NOT_FOUND"
    title = Text("County not found", "未找到该县(市、区)")
    detail = Text("There is no county {county_id} here.", "没有编号为 {county_id} 的县(市、区)。")


class StepNotAllowed(FailedPrecondition):
    """The item's state does not allow the step."""

    reason = "DISCLOSURE_STEP_NOT_ALLOWED"
    title = Text("Step not allowed in this state", "当前状态不允许此操作")
    detail = Text(
        "An item that is {state} cannot be {action}; it must be {needed}.",
        "事项当前为“{state_zh}”,不能{action_zh};须为“{needed_zh}”。",
    )


class FourEyes(PermissionDenied):
    """Whoever submitted a draft may not approve it."""

    reason = "DISCLOSURE_FOUR_EYES"
    title = Text("Another person must approve", "须由他人审核")
    detail = Text(
        "You submitted this draft, so another reviewer must approve it.",
        "该稿件由您提交,须由其他审核人员审核。",
    )


@dataclass(frozen=True, slots=True)
class Redaction:
    """How many passages of a kind were masked in a field. The passages are not kept."""

    field: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published, after redaction, and who answers for it."""

    title: str
    body: str
    redactions: tuple[Redaction, ...]
    submitted_by: UUID
    approved_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class RegisterItem:
    """Something that must be published; without ``due_at`` the county set no limit."""

    item_id: UUID
    kind: str
    about_type: str
    about_id: UUID
    grid_id: UUID
    grid_path: str
    grid_name: str
    category: str
    state: str
    arose_at: datetime
    due_at: datetime | None
    draft: Draft | None
    publication_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A publication no longer stands, and why."""

    publication_id: UUID
    withdrawn_at: datetime
    withdrawn_by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Publication:
    """One immutable version of what the public may read."""

    publication_id: UUID
    item_id: UUID
    version: int
    kind: str
    title: str
    body: str
    grid_name: str
    category: str
    category_name: str
    publisher: str
    published_at: datetime
    content_hash: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """Which items are asked for: in any of the subtrees, and in a state or about one thing."""

    paths: tuple[str, ...]
    state: str | None = None
    about_id: UUID | None = None


RegisterKey = tuple[datetime | None, UUID]
"""An item's place in the list: its due time, if any, and its id."""

PublicationKey = tuple[datetime, UUID]
"""A publication's place in the list: when it was published, and its id."""


@dataclass(frozen=True, slots=True)
class SourceWords:
    """What the source itself says that may be public: never who told of it, or their words."""

    number: str
    result: str


@dataclass(frozen=True, slots=True)
class PublicationPublished:
    """Something became public; ``due_on`` is the last day in time, None without a limit."""

    publication_id: UUID
    item_id: UUID
    kind: str
    published_at: datetime
    due_on: date | None


@dataclass(frozen=True, slots=True)
class PublicationWithdrawn:
    """A publication was withdrawn; the other fields are those it was published with."""

    publication_id: UUID
    item_id: UUID
    kind: str
    published_at: datetime
    due_on: date | None


def due_at(scheme: Scheme, entry: Mapping[str, Any], arose_at: datetime) -> datetime | None:
    """Until when the county wants an item of its list published; None where it does not say."""
    within = Within.from_document(entry.get("within"))
    return None if within is None else scheme.calendar.due(arose_at, within)


def due_on(item: RegisterItem, calendar: Calendar) -> date | None:
    """The last day in the county on which publishing is in time. A day's end belongs to it."""
    if item.due_at is None:
        return None
    return calendar.local_day(item.due_at - timedelta(microseconds=1))


def category_name(scheme: Scheme, category: str) -> str:
    """The county's own name for a category; its id where the scheme no longer has it."""
    found = scheme.category(category)
    return str(found["name"]) if found else category


def wording(item: RegisterItem, words: SourceWords, scheme: Scheme) -> tuple[str, str]:
    """Title and body made from a case's written result; an empty body where there is none."""
    name = category_name(scheme, item.category)
    title = f"{name}案件查处结果({item.grid_name})"
    if not words.result.strip():
        return title, ""
    closed = scheme.calendar.local_day(item.arose_at)
    lines = (
        f"案件编号:{words.number}",
        f"问题类别:{name}",
        f"所在网格:{item.grid_name}",
        f"结案日期:{closed:%Y-%m-%d}",
        f"处理结果:{words.result.strip()}",
    )
    return title, "\n".join(lines)


def make_draft(title: str, body: str, mask_words: Iterable[str], *, submitted_by: UUID) -> Draft:
    """A draft with personal data masked. Raises InvalidArgument for a field empty or too long."""
    fields = {"title": title.strip(), "body": body.strip()}
    _check(fields)
    words = tuple(word for word in (word.strip() for word in mask_words) if word)
    redacted = {field: redact(text, words=words) for field, text in fields.items()}
    return Draft(
        title=redacted["title"].text,
        body=redacted["body"].text,
        redactions=tuple(
            Redaction(field, kind, count)
            for field, found in redacted.items()
            for kind, count in sorted(found.counts.items())
        ),
        submitted_by=submitted_by,
    )


def submit(item: RegisterItem, draft: Draft) -> RegisterItem:
    """The item with a draft to be approved, in place of an earlier one. Raises StepNotAllowed."""
    return replace(_step(item, "submit"), draft=draft)


def approve(item: RegisterItem, approved_by: UUID) -> RegisterItem:
    """The item with its draft approved. Raises StepNotAllowed or FourEyes."""
    approved = _step(item, "approve")
    draft = _draft_of(item)
    if draft.submitted_by == approved_by:
        raise FourEyes(capability="review")
    return replace(approved, draft=replace(draft, approved_by=approved_by))


def publish(
    item: RegisterItem, scheme: Scheme, *, publication_id: UUID, version: int, now: datetime
) -> tuple[RegisterItem, Publication]:
    """The item published, and what the public reads. Raises StepNotAllowed."""
    published = replace(_step(item, "publish"), publication_id=publication_id)
    draft = _draft_of(item)
    publication = Publication(
        publication_id=publication_id,
        item_id=item.item_id,
        version=version,
        kind=item.kind,
        title=draft.title,
        body=draft.body,
        grid_name=item.grid_name,
        category=item.category,
        category_name=category_name(scheme, item.category),
        publisher=(scheme.document.get("disclosure") or {}).get("publisher") or "",
        published_at=now,
        content_hash="",
    )
    return published, replace(publication, content_hash=content_hash(content_of(publication)))


def withdraw(item: RegisterItem) -> RegisterItem:
    """The item with its publication withdrawn. Raises StepNotAllowed."""
    return _step(item, "withdraw")


def content_of(publication: Publication) -> dict[str, object]:
    """What a publication's hash is made over: all that the public reads while it stands."""
    return {
        "publication_id": publication.publication_id,
        "version": publication.version,
        "kind": publication.kind,
        "title": publication.title,
        "body": publication.body,
        "grid_name": publication.grid_name,
        "category": publication.category,
        "category_name": publication.category_name,
        "publisher": publication.publisher,
        "published_at": publication.published_at,
    }


def for_the_public(publication: Publication) -> Publication:
    """The publication as anyone may read it: of a withdrawn one the title alone."""
    return replace(publication, body="") if publication.withdrawn_at else publication


def require_allowed(item: RegisterItem, action: str) -> None:
    """Raise StepNotAllowed unless the item's state allows the step."""
    step = STEPS[action]
    if item.state not in step.starts:
        needed = sorted(step.starts)
        raise StepNotAllowed(
            state=item.state,
            state_zh=STATE_NAMES[item.state],
            action=step.name.en,
            action_zh=step.name.zh,
            needed=" or ".join(needed),
            needed_zh="”或“".join(STATE_NAMES[state] for state in needed),
        )


def require_version(item: RegisterItem, expected: int) -> None:
    """Raise Aborted unless the item is at the version the caller saw; 0 is not given."""
    if expected and item.version != expected:
        raise Aborted(expected=expected, actual=item.version)


def _step(item: RegisterItem, action: str) -> RegisterItem:
    require_allowed(item, action)
    return replace(item, state=STEPS[action].leads_to, version=item.version + 1)


def _draft_of(item: RegisterItem) -> Draft:
    if item.draft is None:
        raise ValueError(f"item {item.item_id} is {item.state} without a draft")
    return item.draft


_LIMITS = {"title": MAXIMUM_TITLE, "body": MAXIMUM_BODY}
_EMPTY = Text(
    "There is nothing to publish: the source holds no written result, so give the text.",
    "没有可公开的内容:来源中没有书面结果,请填写。",
)


def _check(fields: Mapping[str, str]) -> None:
    faults = [Violation(f"/{field}", _EMPTY) for field, text in fields.items() if not text]
    faults += [
        Violation(
            f"/{field}",
            Text("At most {limit} characters.", "不得超过 {limit} 个字。").format(
                limit=_LIMITS[field]
            ),
        )
        for field, text in fields.items()
        if len(text) > _LIMITS[field]
    ]
    if faults:
        raise InvalidArgument(faults)
