"""The disclosure register: what must be published, by when, and the steps until it is public."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.errors import (
    FailedPrecondition,
    NotFound,
    Text,
)
from shared.structure.scheme import Scheme
from shared.working_time import Calendar, Within


class RegisterState(StrEnum):
    """How far an item is."""

    DUE = "due"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


DUE, SUBMITTED, APPROVED, PUBLISHED, WITHDRAWN = RegisterState

CASE = "case"
"""The ``about_type`` of an item about a case."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an item: the states it starts from and the one it leads to."""

    starts: frozenset[RegisterState]
    leads_to: RegisterState
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


class StepNotAllowed(FailedPrecondition):
    """The item's state does not allow the step."""

    reason = "DISCLOSURE_STEP_NOT_ALLOWED"
    title = Text("Step not allowed in this state", "当前状态不允许此操作")
    detail = Text(
        "An item that is {state} cannot be {action}; it must be {needed}.",
        "事项当前为“{state_zh}”,不能{action_zh};须为“{needed_zh}”。",
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
class Masked:
    """How many passages of a kind were masked in the result before it came."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class CaseSource:
    """What a closed case said of itself: its result, and who may read it.

    Those may who read in the grid where it was found, in the one that answered for it, or in one of
    the departments.
    """

    number: str
    result: str
    masked: tuple[Masked, ...]
    grid_id: UUID
    responsible_grid_id: UUID
    department_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterItem:
    """Something that must be published; without ``due_at`` the county set no limit.

    ``source`` is there until a draft is approved, and not where the event did not carry it.
    """

    item_id: UUID
    kind: str
    about_type: str
    about_id: UUID
    grid_id: UUID
    grid_path: str
    grid_name: str
    category: str
    state: RegisterState
    arose_at: datetime
    due_at: datetime | None
    draft: Draft | None
    publication_id: UUID | None
    version: int
    source: CaseSource | None = None


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """Which items are asked for: in a state, about one thing, and in any of the subtrees."""

    state: RegisterState | None = None
    about_id: UUID | None = None
    paths: tuple[str, ...] = ()


def due_at(scheme: Scheme, entry: Mapping[str, Any], arose_at: datetime) -> datetime | None:
    """The limit by which the county wants an item published; None where the scheme sets none."""
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


def take_step(item: RegisterItem, action: str) -> RegisterItem:
    """The item one version on, in the state that the step leads to. Raises StepNotAllowed."""
    require_allowed(item, action)
    return replace(item, state=STEPS[action].leads_to, version=item.version + 1)


def draft_of(item: RegisterItem) -> Draft:
    """The draft of an item whose state says that it has one."""
    if item.draft is None:
        raise ValueError(f"item {item.item_id} is {item.state} without a draft")
    return item.draft
