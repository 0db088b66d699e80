"""Sections that say how a county is divided, who is posted where, and how often they look."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from services.grid.schemes.document import vocabulary as words
from services.grid.schemes.document.fields import (
    Section,
    choice,
    clock_time,
    listed,
    part,
    parts,
    role_id,
    slug,
    switch,
    text,
    whole,
)
from services.grid.schemes.document.problem import bilingual


class Cited(Section):
    """Something a document may state: `quote` holds its words, `note` how they were read."""

    quote = text()
    note = text()

    @post_load
    def _words_last(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """What was read comes before the words it was read from."""
        return {
            **{k: v for k, v in data.items() if k not in _WORDS},
            **{k: data[k] for k in _WORDS},
        }


_WORDS = ("quote", "note")


class Named(Section):
    """An id and the words people read for it."""

    id = slug(required=True)
    name = text(required=True)


class Level(Cited):
    """One tier. `number` is the county's own, `rank` where it stands: neither gives the other.

    `scope` upper: the tier exists above the county's own and only sends and receives. `optional`:
    the tier may hold no grids. `skippable`: a deeper grid may hang directly under the tier above.
    """

    id = slug(required=True)
    number = whole(least=1, most=9)
    rank = choice(words.RANKS, required=True)
    scope = choice(words.SCOPES, required=True)
    name = text(required=True)
    unit_types = listed(slug(required=True))
    optional = switch(default=False)
    skippable = switch(default=False)
    emphasis = choice(words.EMPHASES)
    expected_count = whole(most=1_000_000)
    responsible_body = text()
    implementing_body = text()


class SpecialGrids(Cited):
    """Grids outside the ladder, zones laid over it, unit types carved out of their neighbours."""

    allowed = switch()
    files_plan = switch()
    ranked = switch()
    carve_out_unit_types = listed(slug(required=True))
    overlay_zones = parts(Named)


class RoleOverride(Section):
    """Another head count or holder for the units of one type, or for one unit by its name."""

    unit_type = slug()
    unit = text()
    holder = text()
    min = whole()
    max = whole()

    @validates_schema
    def _about_one_thing(self, data: dict[str, Any], **_: object) -> None:
        if (data.get("unit_type") is None) == (data.get("unit") is None):
            raise ValidationError(bilingual(
                "Give either unit_type or unit.", "应填写 unit_type 或 unit 其中之一。"
            ))  # fmt: skip


class RoleType(Cited):
    """A kind of post. `level` null at a grid means any level; `min` and `max` count per unit."""

    id = role_id(required=True)
    title = text(required=True)
    kind = choice(words.ROLE_KINDS, required=True)
    origin = choice(words.ORIGINS)
    at = choice(words.ROLE_PLACES, required=True)
    level = slug()
    capabilities = listed(choice(words.CAPABILITIES, required=True))
    min = whole()
    max = whole()
    holder = text()
    overrides = parts(RoleOverride)


class HeadCount(Cited):
    """A total over the whole county; `role_types` empty: which posts count is not stated."""

    title = text(required=True)
    count = whole()
    role_types = listed(role_id(required=True))


class LeadingGroup(Cited):
    """The group that leads the grid work: its chair rule, deputies, members and office."""

    chair = text()
    chairs = whole(least=1)
    deputies = text()
    members = text()
    member_count = whole()
    office = text()


class Staffing(Section):
    """Head counts over all grids, and the leading group."""

    totals = parts(HeadCount)
    leading_group = part(LeadingGroup)


class PatrolScope(Section):
    """What a rule covers; `subject` holds the document's words where no type fits."""

    subject = text()
    source_types = listed(slug(required=True))
    grades = listed(slug(required=True))
    categories = listed(slug(required=True))


class Window(Section):
    """Hours of the day, local time; one that ends before it starts runs past midnight."""

    opens = clock_time()
    closes = clock_time()


class Relaxed(Section):
    """A lighter frequency that may take the rule's place."""

    at_least = whole(least=1)
    per = choice(words.COUNTABLE_PERIODS, required=True)
    needs_approval = switch(default=True)


class PatrolRule(Cited):
    """How often something is looked at. Without `at_least` nothing is ever overdue.

    `role` null: anyone on the level who may patrol. `actor` keeps the document's words for who.
    `level` null: on which level is not stated.
    """

    id = slug(required=True)
    level = slug()
    kind = choice(words.PATROL_KINDS, required=True)
    role = role_id()
    actor = text()
    at_least = whole(least=1)
    bound = choice(words.BOUNDS)
    per = choice(words.PERIODS)
    scope = part(PatrolScope)
    window = part(Window)
    trigger = choice(words.PATROL_TRIGGERS)
    relax = part(Relaxed)

    @validates_schema
    def _a_number_needs_a_countable_period(self, data: dict[str, Any], **_: object) -> None:
        if data.get("at_least") is not None and data.get("per") not in words.COUNTABLE_PERIODS:
            known = ", ".join(words.COUNTABLE_PERIODS)
            raise ValidationError(
                bilingual(
                    f"at_least needs a period that can be counted: {known}.",
                    f"填写了次数(at_least),周期应可计数:{known}。",
                ),
                "per",
            )


class Supervision(Section):
    """How often a source of a grade is looked at."""

    at_least = whole(least=1)
    per = choice(words.COUNTABLE_PERIODS)


class Grade(Named):
    """A supervision grade of pollution sources."""

    supervision = part(Supervision)


class FilePart(Named):
    """A part of an enterprise's file; `required`: a file without it is incomplete."""

    required = switch(default=False)


class Sources(Cited):
    """What kinds of pollution sources the ledger holds, and how closely each grade is watched.

    Types and zones (of livestock farming) that are not stated are the platform's; a file standard
    that is not stated makes no file incomplete.
    """

    types = parts(Named)
    grades = parts(Grade)
    zones = parts(Named)
    file_standard = parts(FilePart)
    minimum_count = whole()
