"""Sections that say which department does what, and how a case runs."""

from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from services.grid.schemes.document import vocabulary as words
from services.grid.schemes.document.fields import (
    Section,
    choice,
    listed,
    number,
    part,
    parts,
    role_id,
    section,
    slug,
    switch,
    text,
    whole,
)
from services.grid.schemes.document.problem import bilingual
from services.grid.schemes.document.structure import Cited, Named

_UNITS = ("minutes", "hours", "days", "working_days")


class Within(Section):
    """A length of time in one unit: minutes and hours elapse, days and working days count."""

    minutes = whole(least=1)
    hours = whole(least=1)
    days = whole(least=1)
    working_days = whole(least=1)

    @validates_schema
    def _one_unit(self, data: dict[str, Any], **_: object) -> None:
        if sum(data.get(unit) is not None for unit in _UNITS) != 1:
            raise ValidationError(bilingual(
                f"Give exactly one of {', '.join(_UNITS)}.", f"应只填 {'、'.join(_UNITS)} 之一。"
            ))  # fmt: skip


class Category(Named):
    """A kind of matter that cases and findings are about."""

    parent = slug()


class Area(Section):
    """Where a duty holds: in units of these types only."""

    unit_types = listed(slug(required=True), required=True, least=1)


class Duty(Cited):
    """What a department does about a category; `area` null: everywhere."""

    category = slug(required=True)
    mode = choice(words.DUTY_MODES, required=True)
    area = part(Area)


class Department(Cited):
    """A department, station or post. `default`: it gets every category without a lead elsewhere."""

    id = slug(required=True)
    name = text(required=True)
    default = switch(default=False)
    duties = parts(Duty)


class Power(Section):
    """What a level may do with a case; anything else is refused there."""

    level = slug(required=True)
    may = listed(choice(words.POWERS, required=True), required=True)


class Clock(Cited):
    """A time limit that starts at one step of a case and stops at a later one.

    `within` null: there is a limit, but how long is not stated; such a clock is never overdue.
    `category` and `level` null: it runs for all.
    """

    class Meta:
        """`from` is a word of Python, so the field is named here."""

        include: ClassVar = {"from": choice(words.STEPS, required=True)}

    kind = choice(words.CLOCK_KINDS, required=True)
    stops = choice(words.STEPS, required=True)
    within = part(Within)
    category = slug()
    level = slug()


class Escalation(Section):
    """Who is told when such a clock runs out, and how long after; `to` null: one level up."""

    clock = choice(words.CLOCK_KINDS, required=True)
    after = part(Within)
    to = slug()


class Transfer(Cited):
    """How a case is handed on, and who reads the receiver's result.

    `result_within` null: the limit is not stated. `max_declines`: after so many the common
    superior designates.
    """

    kinds = listed(choice(words.TRANSFER_KINDS, required=True))
    form = text()
    result_within = part(Within)
    result_in_writing = switch()
    result_to = listed(choice(words.RESULT_READERS, required=True))
    max_declines = whole(least=1)


class JointEnforcement(Cited):
    """Who decides a joint enforcement: an own body (a role where one is meant), or one above."""

    organiser = text()
    organiser_scope = choice(words.ORGANISER_SCOPES)
    organiser_role = role_id()
    subjects = listed(text(required=True))
    team = text()


class Closing(Cited):
    """What must be there before a case closes."""

    follow_up = switch()
    result_to_sender = switch()
    photo = switch()


class Penalty(Named):
    """A kind of penalty; `after_refusals`: so many refusals to correct make it possible."""

    after_refusals = whole(least=1)
    quote = text()


class Amount(Section):
    """What one report of a category is worth, in yuan."""

    category = slug()
    yuan = number()


class Rewards(Cited):
    """Rewards for reports: whether there are any, and the amounts where they are stated."""

    offered = switch()
    amounts = parts(Amount)


class CaseType(Named):
    """A class of matter; `on_the_spot`: it may be settled in one step where it is found."""

    on_the_spot = switch()
    quote = text()


class Cases(Section):
    """How cases run in this county."""

    types = parts(CaseType)
    powers = parts(Power)
    clocks = parts(Clock)
    escalation = parts(Escalation)
    transfer = section(Transfer)
    joint_enforcement = section(JointEnforcement)
    closing = section(Closing)
    penalties = parts(Penalty)
    rewards = section(Rewards)
