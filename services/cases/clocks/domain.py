"""Time limits of cases. The county's rules name the steps that start and stop them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.structure.scheme import ClockRule
from shared.working_time import Calendar


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``began_at`` on ``owner`` (``grid:<id>`` or ``department:<id>``) answers for a clock."""

    owner: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that runs from a fixed event until a step; without ``due_at`` it is never overdue.

    ``starts`` and ``stops`` are the county's names of the event and of the step. ``segments``
    holds one owner at least.
    """

    kind: str
    starts: str
    stops: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    segments: tuple[Segment, ...]

    @property
    def running(self) -> bool:
        """Whether nobody has stopped it yet."""
        return self.stopped_at is None

    @property
    def owner(self) -> str:
        """Who answers for it now, or answered for it at the end."""
        return self.segments[-1].owner


Clocks = tuple[Clock, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The county's rules for a case: those of the scheme under which it was opened."""

    rules: tuple[ClockRule, ...]
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """What a step does to clocks.

    ``steps`` are the names under which the county's rules may know the step: clocks that stop
    with one of them stop, then those that run from one of them start. ``cancels`` ends clocks that
    ran from that event, because what they measured no longer applies. ``undoes_handling`` sets clocks running
    again that the last handling had stopped, by their old due times. ``ends_all`` leaves none
    running.
    """

    steps: tuple[str, ...]
    cancels: str | None = None
    undoes_handling: bool = False
    ends_all: bool = False


def started(limits: Limits, steps: Iterable[str], owner: str, now: datetime) -> Clocks:
    """The clocks that start with a step; a rule without a length gives one without a due time."""
    names = tuple(steps)
    return tuple(
        Clock(
            kind=rule.kind,
            starts=rule.starts,
            stops=rule.stops,
            started_at=now,
            due_at=_due(rule, limits.calendar, now),
            stopped_at=None,
            segments=(Segment(owner, now),),
        )
        for rule in limits.rules
        if rule.starts in names
    )


def _due(rule: ClockRule, calendar: Calendar, start: datetime) -> datetime | None:
    return None if rule.within is None else calendar.due(start, rule.within).astimezone(UTC)


def after(
    before: Clocks,
    handled_at: datetime | None,
    *,
    owner: str,
    effect: ClockEffect,
    limits: Limits,
    now: datetime,
) -> Clocks:
    """The clocks after a step by which ``owner`` came to answer for those that run.

    ``handled_at`` is when the case was last handled before the step.
    """
    resumed_at = handled_at if effect.undoes_handling else None
    settled = tuple(_settled(clock, owner, effect, resumed_at, now) for clock in before)
    if effect.ends_all:
        return settled
    return settled + started(limits, effect.steps, owner, now)


def _settled(
    clock: Clock, owner: str, effect: ClockEffect, resumed_at: datetime | None, now: datetime
) -> Clock:
    if not clock.running:
        if resumed_at is None or clock.stopped_at != resumed_at:
            return clock
        clock = replace(clock, stopped_at=None)
    elif effect.ends_all or clock.stops in effect.steps or clock.starts == effect.cancels:
        return replace(clock, stopped_at=now)
    if clock.owner == owner:
        return clock
    return replace(clock, segments=(*clock.segments, Segment(owner, now)))
