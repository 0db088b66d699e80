"""Leading groups, teams and bodies: where they stand, and who leads them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.personnel.common.domain.checks import PARAGRAPH, Faults
from services.personnel.posts.domain.posts import Interval
from shared.errors import FailedPrecondition, InvalidArgument, NotFound, Text, Violation
from shared.structure.scheme import Scheme

MOST_CHAIRS = 2
MOST_QUOTA = 10_000
BAD_CHAIRS = Text("There may be 1 or 2 chairs.", "组长可为 1 名或 2 名。")
CHAIRS_BEYOND_SCHEME = Text(
    "The scheme in force allows {allowed} chairs.", "现行方案规定组长 {allowed} 名。"
)
BAD_QUOTA = Text("The quota must be from 0 to 10000.", "编制数应在 0 至 10000 之间。")
UNKNOWN_GROUP = Text("There is no such group in this county.", "本县没有该组织。")
PARENT_OVER = Text("The group has been dissolved.", "该组织已撤销。")
NOT_BELOW = Text(
    "The group above stands at a place that does not include this one's.",
    "上级组织所在的网格不包含本组织所在的网格。",
)
END_BEFORE_START = Text(
    "It starts at {start}; give that moment to cancel it, or a later one.",
    "该记录自 {start} 起生效;如需撤销请填写该时间,或填写更晚的时间。",
)
END_POSTPONED = Text(
    "It ends at {end} already; an end can only be brought forward.",
    "该记录已定于 {end} 结束;结束时间只能提前。",
)


class GroupNotFound(NotFound):
    """No such group in the county."""

    reason = "GROUP_NOT_FOUND"
    title = Text("Group not found", "未找到组织")
    detail = Text(
        "There is no group {group_id} in this county.", "本县没有编号为 {group_id} 的组织。"
    )


class RecordOver(FailedPrecondition):
    """The record has ended; its history is not changed."""

    reason = "RECORD_OVER"
    title = Text("It has ended", "该记录已结束")
    detail = Text(
        "It ended at {end}; its history cannot be changed.", "该记录已于 {end} 结束,历史不可更改。"
    )


class GroupCycle(FailedPrecondition):
    """The group would lie under itself."""

    reason = "GROUP_CYCLE"
    title = Text("A group cannot be under itself", "组织不能隶属于自身")
    detail = Text("Group {parent_id} lies under this group.", "组织 {parent_id} 隶属于本组织。")


class GroupHasGroups(FailedPrecondition):
    """Other groups belong under it."""

    reason = "GROUP_HAS_GROUPS"
    title = Text("Groups belong under it", "尚有下级组织")
    detail = Text(
        "{count} groups belong under this one; end or move them first.",
        "该组织下有 {count} 个组织;请先撤销或调整。",
    )


class Kind(StrEnum):
    """What a group is for."""

    LEADING_GROUP = "leading_group"
    MANAGEMENT_GROUP = "management_group"
    LIAISON_TEAM = "liaison_team"
    HELPER_TEAM = "helper_team"
    VOLUNTEER_TEAM = "volunteer_team"
    WORKING_GROUP = "working_group"
    ENVIRONMENT_BODY = "environment_body"


@dataclass(frozen=True, slots=True)
class GroupDetails:
    """What a request says of a group. ``chairs`` and ``quota`` are None where not stated."""

    name: str
    chair_rule: str = ""
    chairs: int | None = None
    office: str = ""
    quota: int | None = None
    funding: str = ""
    duties: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    training_kind: str = ""
    """The kind of training that members need; any counts where none is named."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group at a grid or, without one, at the county."""

    group_id: UUID
    kind: Kind
    about: GroupDetails
    grid_id: UUID | None
    grid_path: str | None
    parent_id: UUID | None
    linked: tuple[UUID, ...]
    valid: Interval
    version: int

    def require_current(self, now: datetime) -> None:
        """Raise RecordOver when the group was dissolved."""
        _require_current(self.valid, now)

    def is_within(self, other: "Group") -> bool:
        """Whether the other group's place includes this one's."""
        return (self.grid_path or "").startswith(other.grid_path or "")


@dataclass(frozen=True, slots=True)
class ChairRule:
    """Who chairs, in words, and how many chairs there may be at once."""

    words: str
    allowed: int


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are wanted, of those that exist at a moment; a part that is None excludes nothing."""

    moment: datetime
    kind: Kind | None = None
    grid_id: UUID | None = None
    linked_grid_id: UUID | None = None
    parent_id: UUID | None = None
    person_id: UUID | None = None


def chair_rule(group: Group, scheme: Scheme | None) -> ChairRule:
    """The group's own rule; where it states none, a leading group has the scheme's.

    One chair where neither says how many.
    """
    stated = _leading_group(scheme) if group.kind is Kind.LEADING_GROUP else {}
    words = group.about.chair_rule or str(stated.get("chair") or "")
    return ChairRule(words, group.about.chairs or int(stated.get("chairs") or 1))


def described(about: GroupDetails, kind: Kind, scheme: Scheme | None) -> GroupDetails:
    """The description, tidied. Raises InvalidArgument naming every fault."""
    faults = Faults()
    tidy = _tidied(about, kind, scheme, faults)
    faults.check()
    return tidy


def make_group(group: Group, scheme: Scheme | None) -> Group:
    """A new group, its description tidied. Raises InvalidArgument naming every fault."""
    return replace(group, about=described(group.about, group.kind, scheme))


def check_parent(group: Group, parent: Group | None, now: datetime) -> None:
    """Raise InvalidArgument at /parent_id where the group cannot belong under it."""
    if parent is None:
        detail = UNKNOWN_GROUP
    elif parent.valid.end is not None and parent.valid.end <= now:
        detail = PARENT_OVER
    elif not group.is_within(parent):
        detail = NOT_BELOW
    else:
        return
    raise InvalidArgument([Violation("/parent_id", detail)])


def cut(valid: Interval, at: datetime, now: datetime) -> Interval:
    """The interval with its end. Raises RecordOver, or InvalidArgument at /valid_to."""
    _require_current(valid, now)
    if at < valid.start:
        detail = END_BEFORE_START.format(start=valid.start.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    if valid.end is not None and at > valid.end:
        detail = END_POSTPONED.format(end=valid.end.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    return Interval(valid.start, at)


def _require_current(valid: Interval, now: datetime) -> None:
    if valid.end is not None and valid.end <= now:
        raise RecordOver(end=valid.end.isoformat())


def _tidied(about: GroupDetails, kind: Kind, scheme: Scheme | None, faults: Faults) -> GroupDetails:
    if about.chairs is not None:
        stated = _leading_group(scheme) if kind is Kind.LEADING_GROUP else {}
        if not 1 <= about.chairs <= MOST_CHAIRS:
            faults.add("/chairs", BAD_CHAIRS)
        elif stated.get("chairs") and about.chairs > stated["chairs"]:
            faults.add("/chairs", CHAIRS_BEYOND_SCHEME.format(allowed=stated["chairs"]))
    if about.quota is not None and not 0 <= about.quota <= MOST_QUOTA:
        faults.add("/quota", BAD_QUOTA)
    return replace(
        about,
        name=faults.text(about.name, "/name", required=True),
        chair_rule=faults.text(about.chair_rule, "/chair_rule"),
        office=faults.text(about.office, "/office"),
        funding=faults.text(about.funding, "/funding", limit=PARAGRAPH),
        duties=faults.texts(about.duties, "/duties", limit=PARAGRAPH),
        qualities=faults.texts(about.qualities, "/qualities"),
        training_kind=faults.text(about.training_kind, "/training_kind"),
    )


def _leading_group(scheme: Scheme | None) -> dict[str, Any]:
    staffing = (scheme.document.get("staffing") if scheme else None) or {}
    return dict(staffing.get("leading_group") or {})
