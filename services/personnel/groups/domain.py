"""Leading groups, teams and bodies: where they stand, who leads them, and who is in them when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
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
ONE_MEMBER = Text(
    "Name exactly one: a person, a department, or a body by its title.",
    "人员、部门、单位名称须填写且只能填写一项。",
)
PERSON_WANTED = Text("This seat is held by a person.", "该职务须由人员担任。")
UNKNOWN_PERSON = Text("There is no such person in this county.", "本县没有该人员。")
UNKNOWN_DEPARTMENT = Text(
    "The scheme in force has no department '{department}'; it has: {known}.",
    "现行方案没有部门“{department}”;可选:{known}。",
)
ENDS_BEFORE_START = Text("The end must be later than the start.", "结束时间须晚于开始时间。")
OUTSIDE_GROUP = Text(
    "The group exists from {start} to {end}; members belong to it within that time.",
    "该组织存续时间为 {start} 至 {end};成员任期须在此期间内。",
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


class MemberNotFound(NotFound):
    """No such member in the county."""

    reason = "GROUP_MEMBER_NOT_FOUND"
    title = Text("Member not found", "未找到成员")
    detail = Text(
        "There is no member {member_id} in this county.", "本县没有编号为 {member_id} 的成员。"
    )


class RecordOver(FailedPrecondition):
    """The record has ended; its history is not changed."""

    reason = "RECORD_OVER"
    title = Text("It has ended", "该记录已结束")
    detail = Text(
        "It ended at {end}; its history cannot be changed.", "该记录已于 {end} 结束,历史不可更改。"
    )


class ChairsTaken(FailedPrecondition):
    """The chair rule allows no more chairs."""

    reason = "CHAIRS_TAKEN"
    title = Text("No chair is free", "组长名额已满")
    detail = Text(
        "The group has {held} chairs in this time and may have {allowed}; end one first.",
        "该组织在此期间已有组长 {held} 名,规定最多 {allowed} 名;请先结束其中一名。",
    )


class SeatTaken(FailedPrecondition):
    """The seat is for one and is held."""

    reason = "GROUP_SEAT_TAKEN"
    title = Text("The seat is taken", "该职务已有人担任")
    detail = Text(
        "Member {member_id} holds this seat in this time.",
        "该职务在此期间已由成员 {member_id} 担任。",
    )


class MemberTwice(FailedPrecondition):
    """The same member within the same time."""

    reason = "GROUP_MEMBER_TWICE"
    title = Text("In the group already", "已在该组织中")
    detail = Text(
        "It is in the group in this time already, as member {member_id}.",
        "该成员在此期间已在组织中(编号 {member_id})。",
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


class SeatKind(StrEnum):
    """What a member is in the group."""

    CHAIR = "chair"
    DEPUTY = "deputy"
    MEMBER = "member"
    OFFICE_DIRECTOR = "office_director"
    DAILY_CONTACT = "daily_contact"


OFFICE_SEATS = frozenset({SeatKind.OFFICE_DIRECTOR, SeatKind.DAILY_CONTACT})
"""Seats of the office: one holder each, who may be a member of the group as well."""
OF_PEOPLE = frozenset({SeatKind.CHAIR, *OFFICE_SEATS})
"""Seats that only a person can hold."""


class Source(StrEnum):
    """The force that a member comes from."""

    OWN_STAFF = "own_staff"
    DISTRICT_BUREAU = "district_bureau"
    STREET_OFFICE = "street_office"
    HELPER = "helper"
    COMMUNITY_SELF_GOVERNMENT = "community_self_government"
    PEOPLES_CONGRESS_DEPUTY = "peoples_congress_deputy"
    OLD_PARTY_MEMBER = "old_party_member"
    OLD_CADRE = "old_cadre"
    ACTIVIST = "activist"


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
class Member:
    """One member; of person, department and body exactly one is given."""

    member_id: UUID
    group_id: UUID
    seat: SeatKind
    person_id: UUID | None
    department_id: str | None
    body: str | None
    title: str
    source: Source | None
    valid: Interval
    version: int
    person_name: str = ""
    trained_on: date | None = None
    """The last training of the group's kind that still counts."""

    @property
    def who(self) -> tuple[UUID | None, str | None, str | None]:
        """The person, department or body."""
        return self.person_id, self.department_id, self.body


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


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which members of a moment are wanted; ``day`` is the county's day then."""

    moment: datetime
    day: date
    group_id: UUID | None = None
    source: Source | None = None
    seat: SeatKind | None = None
    grid_id: UUID | None = None


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


def make_member(member: Member, group: Group, scheme: Scheme | None) -> Member:
    """A member, tidied. Raises InvalidArgument naming every fault."""
    faults = Faults()
    title = faults.text(member.title, "/title")
    body = faults.text(member.body or "", "/body")
    given = [member.person_id, member.department_id, body or None]
    if sum(each is not None for each in given) != 1:
        faults.add("/person_id", ONE_MEMBER)
    elif member.seat in OF_PEOPLE and member.person_id is None:
        faults.add("/person_id", PERSON_WANTED)
    if member.department_id is not None:
        _check_department(member.department_id, scheme, faults)
    _check_times(member.valid, group.valid, faults)
    faults.check()
    return replace(member, title=title, body=body or None)


def check_seat(member: Member, beside: Sequence[Member], allowed_chairs: int) -> None:
    """Raise MemberTwice, SeatTaken or ChairsTaken where the members ``beside`` leave no room."""
    meeting = [
        other
        for other in beside
        if other.member_id != member.member_id and other.valid.overlaps(member.valid)
    ]
    for other in meeting:
        if other.seat is member.seat and member.seat in OFFICE_SEATS:
            raise SeatTaken(member_id=other.member_id)
        of_office = (other.seat in OFFICE_SEATS, member.seat in OFFICE_SEATS)
        if other.who == member.who and not any(of_office):
            raise MemberTwice(member_id=other.member_id)
    if member.seat is SeatKind.CHAIR:
        chairs = [other.valid for other in meeting if other.seat is SeatKind.CHAIR]
        held = most_at_once(member.valid, chairs)
        if held >= allowed_chairs:
            raise ChairsTaken(held=held, allowed=allowed_chairs)


def most_at_once(within: Interval, others: Sequence[Interval]) -> int:
    """The largest number of the others that hold at one moment of the interval."""
    moments = {max(within.start, other.start) for other in others}
    inside = [at for at in moments if within.end is None or at < within.end]
    return max((sum(other.holds_at(at) for other in others) for at in inside), default=0)


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


def _check_department(department_id: str, scheme: Scheme | None, faults: Faults) -> None:
    if scheme is not None and scheme.department(department_id) is not None:
        return
    entries = (scheme.document.get("departments") if scheme else None) or ()
    known = ", ".join(entry["id"] for entry in entries) or "-"
    detail = UNKNOWN_DEPARTMENT.format(department=department_id, known=known)
    faults.add("/department_id", detail)


def _check_times(valid: Interval, group: Interval, faults: Faults) -> None:
    if valid.end is not None and valid.end <= valid.start:
        faults.add("/valid_to", ENDS_BEFORE_START)
    end = "…" if group.end is None else group.end.isoformat()
    detail = OUTSIDE_GROUP.format(start=group.start.isoformat(), end=end)
    if valid.start < group.start or (group.end is not None and valid.start >= group.end):
        faults.add("/valid_from", detail)
    elif group.end is not None and (valid.end is None or valid.end > group.end):
        faults.add("/valid_to", detail)
