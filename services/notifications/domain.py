"""Notices: who must know of an event by the county's rules, what it says, and its confirmation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.errors import NotFound, Text
from shared.structure.scheme import Scheme
from shared.working_time import Within


class NoticeNotFound(NotFound):
    """No such notice, or another person's."""

    reason = "NOTICE_NOT_FOUND"
    title = Text("Notice not found", "未找到通知")
    detail = Text("You have no notice {notice_id}.", "您没有编号为 {notice_id} 的通知。")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post, as far as it matters for telling people."""

    post_id: UUID
    version: int
    person_id: UUID
    role_kind: str
    grid_id: UUID | None
    department_id: str | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person can be reached outside of the platform."""

    person_id: UUID
    version: int
    display_name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A county's rule: of which event which kinds of role must know, and where they sit."""

    rule_id: str
    kinds: tuple[str, ...]
    at: str
    confirm_within: Within | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person must know."""

    notice_id: UUID
    person_id: UUID
    title: str
    body: str
    about_type: str
    about_id: UUID
    rule_id: str
    event_id: UUID
    sent_at: datetime
    confirm_due_at: datetime | None
    confirmed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class NoticeConfirmed:
    """A person confirmed that a notice was read."""

    notice_id: UUID
    person_id: UUID
    about_type: str
    about_id: UUID
    confirmed_at: datetime


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
"""What a notice of a case event is headed with."""


def rules(scheme: Scheme, event_key: str) -> list[Rule]:
    """The county's rules for an event, in its own order."""
    return [
        Rule(
            rule_id=f"{event_key}#{position}",
            kinds=tuple(entry["to_kinds"]),
            at=entry["at"],
            confirm_within=Within.from_document(entry.get("confirm_within")),
        )
        for position, entry in enumerate(scheme.notification_rules(event_key), start=1)
    ]


def recipients(holders: Iterable[Holder], kinds: tuple[str, ...], at: datetime) -> list[UUID]:
    """The people among the holders whose post is of one of the kinds and in force, each once."""
    found = {
        holder.person_id
        for holder in holders
        if holder.role_kind in kinds
        and holder.valid_from <= at
        and (holder.valid_to is None or at < holder.valid_to)
    }
    return sorted(found)


def wording(
    event_key: str, facts: Mapping[str, Any], scheme: Scheme, grid_name: str
) -> tuple[str, str]:
    """Title and body of a notice about a case, in the county's own words for the category."""
    category = scheme.category(facts["category"])
    name = category["name"] if category else facts["category"]
    title = TITLES[event_key].format(number=facts["number"], category=name)
    zone = scheme.calendar.time_zone
    limits = [
        f"{CLOCKS.get(clock['kind'], clock['kind'])}:{_day(clock['due_at'], zone)}"
        for clock in facts["clocks"]
        if clock["due_at"] and not clock["stopped_at"]
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
"""What the clocks of a case are called in notices."""


def confirm(notice: Notice, now: datetime) -> tuple[Notice, NoticeConfirmed | None]:
    """The notice confirmed; confirming again changes nothing and tells nobody."""
    if notice.confirmed_at is not None:
        return notice, None
    confirmed = replace(notice, confirmed_at=now, version=notice.version + 1)
    return confirmed, NoticeConfirmed(
        notice.notice_id, notice.person_id, notice.about_type, notice.about_id, now
    )


def _day(moment: datetime, zone: Any) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
