"""Members of groups: their seats, and their time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.personnel.common.domain.checks import Faults
from services.personnel.groups.domain.groups import Group
from services.personnel.posts.domain.posts import Interval
from shared.errors import FailedPrecondition, NotFound, Text
from shared.structure.scheme import Scheme

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


class MemberNotFound(NotFound):
    """No such member in the county."""

    reason = "GROUP_MEMBER_NOT_FOUND"
    title = Text("Member not found", "未找到成员")
    detail = Text(
        "There is no member {member_id} in this county.", "本县没有编号为 {member_id} 的成员。"
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
class MemberFilter:
    """Which members of a moment are wanted; ``day`` is the county's day then."""

    moment: datetime
    day: date
    group_id: UUID | None = None
    source: Source | None = None
    seat: SeatKind | None = None
    grid_id: UUID | None = None


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
