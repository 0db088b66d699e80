"""Leave: who is away from when to when, and who stands in for each of their posts meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from services.personnel.posts.domain.posts import Interval, Post
from shared.contracts.personnel import Absence
from shared.errors import FailedPrecondition, InvalidArgument, NotFound, Text, Violation

MISSING = Text("This field is required.", "该字段必填。")
UNKNOWN_KIND = Text(
    "Give the kind of leave: rest, sick, personal, business_trip or training.",
    "请填写请假类别:休假、病假、事假、出差或培训。",
)
ENDS_BEFORE_START = Text(
    "The leave must end later than it starts.", "请假的结束时间须晚于开始时间。"
)
AWAY_ALREADY = Text(
    "The person is away from {start} to {end} already.",
    "该人员自 {start} 至 {end} 已有请假记录,不能重叠。",
)
NO_STAND_IN = Text(
    "Post {post} ({title}) would have nobody: name a stand-in, or say that it stays uncovered.",
    "岗位 {post}({title})将无人负责:请指定代班人,或注明无人代班。",
)
NOT_A_POST = Text(
    "The person has no post {post} to be stood in for in this time.",
    "该人员在此期间没有需要代班的岗位 {post}。",
)
NAMED_TWICE = Text("Post {post} is named twice.", "岗位 {post} 重复填写。")
SELF = Text("Nobody stands in for themselves.", "不能由本人代班。")
UNKNOWN_STAND_IN = Text("There is no such person in this county.", "本县没有该人员。")
STAND_IN_AWAY = Text(
    "The stand-in is away from {start} to {end}; name somebody who is there all the time.",
    "代班人自 {start} 至 {end} 请假;请另行指定全程在岗的人员。",
)
STAND_IN_OR_UNCOVERED = Text(
    "Give a stand-in or say that the post stays uncovered, not both.",
    "代班人与“无人代班”只能选填其一。",
)
END_BEFORE_START = Text(
    "The leave starts at {start}; give that moment to cancel it, or a later one.",
    "请假自 {start} 开始;如需撤销请填写该时间,或填写更晚的时间。",
)
END_POSTPONED = Text(
    "The leave ends at {end} already; record another leave for what follows.",
    "该请假已定于 {end} 结束;如需延长请另行登记。",
)


class LeaveNotFound(NotFound):
    """No such leave in the county."""

    reason = "LEAVE_NOT_FOUND"
    title = Text("Leave not found", "未找到请假记录")
    detail = Text(
        "There is no leave {leave_id} in this county.", "本县没有编号为 {leave_id} 的请假记录。"
    )


class LeaveOver(FailedPrecondition):
    """The leave has ended; its history is not changed."""

    reason = "LEAVE_OVER"
    title = Text("The leave has ended", "请假已结束")
    detail = Text(
        "The leave ended at {end}; its history cannot be changed.",
        "该请假已于 {end} 结束,历史记录不可更改。",
    )


class LeaveKind(StrEnum):
    """The reason of an absence."""

    REST = "rest"
    SICK = "sick"
    PERSONAL = "personal"
    BUSINESS_TRIP = "business_trip"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who stands in for a post during a leave; nobody where it is left uncovered."""

    post_id: UUID
    stand_in_id: UUID | None


@dataclass(frozen=True, slots=True)
class Leave:
    """An absence of a person. ``valid`` is empty where it was cancelled."""

    leave_id: UUID
    person_id: UUID
    kind: LeaveKind
    valid: Interval
    created_at: datetime
    version: int
    stand_ins: tuple[StandIn, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverChoice:
    """Who is to stand in, as the request says; nobody where it is ``uncovered`` on purpose."""

    stand_in_id: UUID | None = None
    uncovered: bool = False


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """A request to record leave; ``for_all`` holds for each post that ``by_post`` does not name."""

    leave_id: UUID
    person_id: UUID
    kind: LeaveKind | None
    start: datetime | None
    end: datetime | None
    for_all: CoverChoice
    by_post: Sequence[tuple[UUID, CoverChoice]]

    @property
    def stand_in_ids(self) -> set[UUID]:
        """Everybody who is asked to stand in."""
        choices = (self.for_all, *(choice for _, choice in self.by_post))
        return {choice.stand_in_id for choice in choices if choice.stand_in_id is not None}


@dataclass(frozen=True, slots=True)
class LeaveContext:
    """What is known when a leave is asked for, of its time and the people it names.

    ``posts`` are those of the person, and those that the person stands in for, within the time.
    """

    posts: Sequence[Post]
    people: frozenset[UUID]
    leaves: Sequence[Leave]


@dataclass(frozen=True, slots=True)
class Away:
    """A person who is away at a moment: until when, and who stands in for which post."""

    person_id: UUID
    until: datetime
    stand_ins: Mapping[UUID, UUID | None]


@dataclass(frozen=True, slots=True)
class Cover:
    """Who answers for a post at a moment while its holder is away.

    ``stand_in_id`` is None where nobody does. ``until`` is the latest moment at which this changes.
    """

    stand_in_id: UUID | None
    until: datetime


def make_leave(asked: LeaveRequest, known: LeaveContext, now: datetime) -> Leave:
    """The leave, with somebody for every post. Raises InvalidArgument naming every fault at once.

    A stand-in is there all the time, so every post has one, or expressly nobody.
    """
    valid, faults = _interval(asked)
    if asked.kind is None:
        faults.append(Violation("/kind", UNKNOWN_KIND))
    if asked.person_id not in known.people:
        faults.append(Violation("/person_id", UNKNOWN_STAND_IN))
    if valid is None:
        raise InvalidArgument(faults)
    for leave in known.leaves:
        if leave.person_id == asked.person_id and leave.valid.overlaps(valid):
            faults.append(Violation("/valid_from", AWAY_ALREADY.format(**_span(leave))))
    chosen, wrong = _chosen(asked, known, valid)
    faults += wrong
    if faults or asked.kind is None:
        raise InvalidArgument(faults)
    return Leave(asked.leave_id, asked.person_id, asked.kind, valid, now, 1, chosen)


def end_leave(leave: Leave, at: datetime | None, now: datetime) -> Leave:
    """The leave with an earlier end, now unless said; one that has not begun is cancelled.

    Raises LeaveOver, or InvalidArgument at /valid_to.
    """
    start, planned = leave.valid.start, leave.valid.end
    if planned is None or planned <= max(now, start):
        raise LeaveOver(end=str(planned and planned.isoformat()))
    wanted = max(now, start) if at is None else at
    if wanted < start:
        detail = END_BEFORE_START.format(start=start.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    if wanted > planned:
        detail = END_POSTPONED.format(end=planned.isoformat())
        raise InvalidArgument([Violation("/valid_to", detail)])
    return replace(leave, valid=Interval(start, wanted), version=leave.version + 1)


A = TypeVar("A", bound=Absence)


def absences(leave: Leave, kind: type[A]) -> list[A]:
    """The leave's events of the kind, one for each post."""
    until = leave.valid.end
    if until is None:
        raise ValueError(f"leave {leave.leave_id} has no end")
    return [
        kind(
            leave_id=leave.leave_id,
            post_id=each.post_id,
            person_id=leave.person_id,
            stand_in_id=each.stand_in_id,
            valid_from=leave.valid.start,
            valid_to=until,
        )
        for each in leave.stand_ins
    ]


def cover_of(post_id: UUID, person_id: UUID, away: Mapping[UUID, Away]) -> Cover | None:
    """Who answers for the post while its holder is away; None where the holder is there.

    A stand-in who is away has handed the post on; the answer is the one who is there.
    """
    absent = away.get(person_id)
    if absent is None:
        return None
    until, seen = absent.until, {person_id}
    while True:
        found = absent.stand_ins.get(post_id)
        if found is None or found in seen:
            return Cover(None, until)
        seen.add(found)
        following = away.get(found)
        if following is None:
            return Cover(found, until)
        absent, until = following, min(until, following.until)


def stood_in_for(
    person_id: UUID, posts: Iterable[Post], away: Mapping[UUID, Away], now: datetime
) -> list[Post]:
    """Those of the posts for which the person answers now, as posts that end with the absence."""
    found = []
    for post in posts:
        cover = cover_of(post.post_id, post.person_id, away)
        if cover is None or cover.stand_in_id != person_id:
            continue
        end = min(end for end in (post.valid.end, cover.until) if end is not None)
        found.append(replace(post, valid=Interval(now, end)))
    return found


def _interval(asked: LeaveRequest) -> tuple[Interval | None, list[Violation]]:
    given = {"valid_from": asked.start, "valid_to": asked.end}
    faults = [Violation(f"/{name}", MISSING) for name, moment in given.items() if moment is None]
    if asked.start is None or asked.end is None:
        return None, faults
    if asked.end <= asked.start:
        return None, [Violation("/valid_to", ENDS_BEFORE_START)]
    return Interval(asked.start, asked.end), faults


def _chosen(
    asked: LeaveRequest, known: LeaveContext, valid: Interval
) -> tuple[tuple[StandIn, ...], list[Violation]]:
    """The stand-in of each post, or expressly nobody, and the faults of the request."""
    posts = {post.post_id: post for post in known.posts}
    faults = _choice_faults(asked, known, asked.for_all, valid, "")
    named: dict[UUID, CoverChoice] = {}
    for index, (post_id, choice) in enumerate(asked.by_post):
        pointer = f"/stand_ins/{index}"
        if post_id not in posts:
            faults.append(Violation(f"{pointer}/post_id", NOT_A_POST.format(post=post_id)))
        if post_id in named:
            faults.append(Violation(f"{pointer}/post_id", NAMED_TWICE.format(post=post_id)))
        faults += _choice_faults(asked, known, choice, valid, pointer)
        named[post_id] = choice
    chosen = []
    for post in posts.values():
        choice = named.get(post.post_id, asked.for_all)
        if choice.stand_in_id is None and not choice.uncovered:
            detail = NO_STAND_IN.format(post=post.post_id, title=post.title)
            faults.append(Violation("/stand_ins", detail))
        chosen.append(StandIn(post.post_id, choice.stand_in_id))
    return tuple(chosen), faults


def _choice_faults(
    asked: LeaveRequest, known: LeaveContext, choice: CoverChoice, valid: Interval, pointer: str
) -> list[Violation]:
    where = f"{pointer}/stand_in_id"
    if choice.stand_in_id is None:
        return []
    if choice.uncovered:
        return [Violation(f"{pointer}/uncovered", STAND_IN_OR_UNCOVERED)]
    if choice.stand_in_id == asked.person_id:
        return [Violation(where, SELF)]
    if choice.stand_in_id not in known.people:
        return [Violation(where, UNKNOWN_STAND_IN)]
    return [
        Violation(where, STAND_IN_AWAY.format(**_span(leave)))
        for leave in known.leaves
        if leave.person_id == choice.stand_in_id and leave.valid.overlaps(valid)
    ]


def _span(leave: Leave) -> dict[str, str]:
    end = leave.valid.end
    return {"start": leave.valid.start.isoformat(), "end": "-" if end is None else end.isoformat()}
