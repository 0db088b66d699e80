"""Who must know of an event by the county's rules, and what a notice says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.cases import CaseFacts
from shared.contracts.personnel import PostHandedOver
from shared.structure.scheme import Scheme
from shared.working_time import Within


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post, as far as notices need it."""

    post_id: UUID
    version: int
    person_id: UUID
    role_kind: str
    grid_id: UUID | None
    department_id: str | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who answers for a post while a person is away; nobody where ``stand_in_id`` is None.

    The person holds the post, or stood in for it and is away in turn.
    """

    leave_id: UUID
    post_id: UUID
    version: int
    person_id: UUID
    stand_in_id: UUID | None
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person can be reached outside of the platform."""

    person_id: UUID
    version: int
    display_name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """A county's rule for an event: which kinds of role are notified, and at which place."""

    rule_id: str
    kinds: tuple[str, ...]
    at: str
    confirm_within: Within | None


TITLES = {
    "case.opened.v1": "新案件 {number}:{category}",
    "case.accepted.v1": "案件 {number} 已受理",
    "case.transferred.v1": "案件 {number} 已移送,请接收部门签收",
    "case.transfer-accepted.v1": "案件 {number} 已由接收部门签收",
    "case.transfer-declined.v1": "案件 {number} 被退回,请另行处理",
    "case.handled.v1": "案件 {number} 已处置,请现场核实",
    "case.verified.v1": "案件 {number} 已核实",
    "case.closed.v1": "案件 {number} 已结案",
    "case.rejected.v1": "案件 {number} 不予受理",
}
"""The titles of notices about events of cases."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What notices of one event say, and what they are about."""

    event_id: UUID
    about_type: str
    about_id: UUID
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an event: its grid, the responsible grid, and the department concerned."""

    grid_path: str | None
    responsible_grid_path: str | None
    department_id: str | None


def rules(scheme: Scheme, event_key: str) -> list[NoticeRule]:
    """The county's rules for an event, in its own order."""
    return [
        NoticeRule(
            rule_id=f"{event_key}#{position}",
            kinds=tuple(entry["to_kinds"]),
            at=entry["at"],
            confirm_within=Within.from_document(entry.get("confirm_within")),
        )
        for position, entry in enumerate(scheme.notification_rules(event_key), start=1)
    ]


def in_force(holders: Iterable[Holder], kinds: tuple[str, ...], at: datetime) -> list[Holder]:
    """The holders whose post is of one of the kinds and in force."""
    return [
        holder
        for holder in holders
        if holder.role_kind in kinds
        and holder.valid_from <= at
        and (holder.valid_to is None or at < holder.valid_to)
    ]


@dataclass(frozen=True, slots=True)
class Reached:
    """Who receives notices for posts, person → post: those present, and those away without a stand-in."""

    present: Mapping[UUID, UUID]
    absent: Mapping[UUID, UUID]


def reached(holders: Iterable[Holder], stand_ins: Iterable[StandIn], at: datetime) -> Reached:
    """Who answers for the holders' posts at a moment: the holder, or who stands in meanwhile."""
    instead = {
        (each.post_id, each.person_id): each.stand_in_id
        for each in stand_ins
        if each.valid_from <= at < each.valid_to
    }
    present: dict[UUID, UUID] = {}
    absent: dict[UUID, UUID] = {}
    for holder in sorted(holders, key=lambda holder: holder.post_id):
        person = _answering(holder, instead)
        if person is None:
            absent.setdefault(holder.person_id, holder.post_id)
        else:
            present.setdefault(person, holder.post_id)
    return Reached(present, absent)


def _answering(holder: Holder, instead: Mapping[tuple[UUID, UUID], UUID | None]) -> UUID | None:
    """The holder, or the last in the chain of those who stand in; None where nobody answers."""
    person, seen = holder.person_id, {holder.person_id}
    while (holder.post_id, person) in instead:
        following = instead[holder.post_id, person]
        if following is None or following in seen:
            return None
        seen.add(following)
        person = following
    return person


HANDED_OVER = "post.handed-over.v1"
LEADING_KINDS = ("leader", "leader_any_grid", "grid_chief")
"""Kinds of role whose holder answers for a grid as its leader."""
REPORT_UPWARD = NoticeRule(f"{HANDED_OVER}#above", LEADING_KINDS, "parent_grid", None)
"""A change of holder is reported to the leader of the level above, unless the county has a rule."""


def hand_over_wording(
    handed: PostHandedOver, scheme: Scheme, place: str, names: Mapping[UUID, str]
) -> tuple[str, str]:
    """Title and body of the report of a change of holder."""
    role = scheme.role_type(handed.role_type)
    title = role["title"] if role else handed.role_type
    day = _day(handed.at, scheme.calendar.time_zone)
    people = [
        f"{label}:{names[person]}"
        for label, person in (("原任", handed.from_person_id), ("接任", handed.to_person_id))
        if person in names
    ]
    return f"岗位交接:{place} {title}", "\n".join([f"交接时间:{day}", *people])


def wording(event_key: str, case: CaseFacts, scheme: Scheme, grid_name: str) -> tuple[str, str]:
    """Title and body of a notice about a case, in the county's own words for the category."""
    category = scheme.category(case.category)
    name = category["name"] if category else case.category
    title = TITLES[event_key].format(number=case.number, category=name)
    zone = scheme.calendar.time_zone
    limits = [
        f"{CLOCKS.get(clock.kind, clock.kind)}:{_day(clock.due_at, zone)}"
        for clock in case.clocks
        if clock.due_at and not clock.stopped_at
    ]
    return title, "\n".join([f"类别:{name}", f"地点:{grid_name}", *limits])


CLOCKS = {
    "acknowledge": "签收时限",
    "arrive": "到场时限",
    "dispose": "处置时限",
    "report": "报告时限",
    "check": "核查时限",
    "close": "结案时限",
}
"""The names of a case's clocks in notices."""


def _day(moment: datetime, zone: Any) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
