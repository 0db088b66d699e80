"""Sections that say how the county reports, meets, assesses, publishes and tells people."""

from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, post_load, validates, validates_schema

from services.grid.schemes.document import vocabulary as words
from services.grid.schemes.document.fields import (
    Section,
    choice,
    day,
    facts,
    listed,
    number,
    part,
    parts,
    role_id,
    slug,
    switch,
    text,
    whole,
)
from services.grid.schemes.document.problem import bilingual
from services.grid.schemes.document.structure import Cited, Named, PatrolRule
from services.grid.schemes.document.work import Within


class Report(Cited):
    """A report one level owes another; `due` null: when in the period is not stated."""

    id = slug(required=True)
    name = text()
    level = slug()
    role = role_id()
    per = choice(words.PERIODS)
    due = choice(words.DUE_POINTS)
    to = text()


class Meeting(Cited):
    """A kind of meeting; `per` null: no interval is stated, so none is ever missed."""

    id = slug(required=True)
    name = text(required=True)
    per = choice(words.PERIODS)
    ad_hoc = switch()
    convener = text()
    convener_role = role_id()
    minutes_required = switch()


class ScoreItem(Named):
    """One line of the score sheet; what it needs follows from its rule.

    `points` is its weight, `threshold` a share from 0 to 1, `per_point` what each percentage point
    and `per_event` what each event takes or gives, `cap` the most it can take or give.
    """

    rule = choice(words.SCORE_RULES, required=True)
    indicator = slug()
    points = number()
    threshold = number(most=1)
    per_point = number()
    per_event = number()
    cap = number()
    repeat_from = whole(least=2)
    repeat_per_event = number()

    @validates_schema
    def _what_the_rule_needs(self, data: dict[str, Any], **_: object) -> None:
        missing = [
            name for name in _NEEDED.get(str(data.get("rule")), ()) if data.get(name) is None
        ]
        if missing:
            rule = data["rule"]
            message = bilingual(f"A {rule} item needs this value.", f"{rule} 类评分项需要该值。")
            raise ValidationError({name: [message] for name in missing})


_NEEDED = {
    "linear": ("indicator", "points"),
    "inverse": ("indicator", "points"),
    "threshold": ("indicator", "points", "threshold", "per_point"),
    "per_event": ("indicator", "per_event"),
    "step": ("indicator", "threshold", "points"),
    "bonus": ("per_event", "cap"),
    "manual": ("points",),
    "veto": ("indicator",),
}


class ExternalScore(Section):
    """The scores a bureau above gave, as the document reports them."""

    min = number()
    max = number()
    by = text()
    place = text()


class Assessment(Cited):
    """How the running is assessed; a switch that is null is not stated and does nothing."""

    basis = text()
    points = number()
    direction = choice(words.DIRECTIONS)
    per = choice(words.PERIODS)
    also_per = choice(words.PERIODS)
    publish_per = choice(words.PERIODS)
    self_evaluation_per = choice(words.PERIODS)
    evaluates_lower = switch()
    result_reported_up = switch()
    ranking = switch()
    veto = switch()
    appeal_within = part(Within)
    items = parts(ScoreItem)
    modes = listed(text(required=True))
    feeds = text()
    responsibility_letter = switch()
    accountability_grounds = listed(text(required=True))
    due_diligence_exemption = switch()
    sanctions = listed(text(required=True))
    extra_rules = listed(text(required=True))
    external_score = part(ExternalScore)
    ranked_units = whole()
    own_place = whole(least=1)
    published_on = text()

    @validates_schema
    def _items_fit_the_scale(self, data: dict[str, Any], **_: object) -> None:
        scored = [item for item in data.get("items", []) if item["rule"] in _WEIGHTED]
        total, scale = sum(item.get("points") or 0 for item in scored), data.get("points")
        if scored and scale is not None and total > scale:
            raise ValidationError(
                bilingual(
                    f"The items add up to {total} points, the scale has {scale}.",
                    f"各评分项合计 {total} 分,超过总分 {scale} 分。",
                ),
                "items",
            )


_WEIGHTED = ("linear", "inverse", "threshold", "manual")


class PublicItem(Named):
    """Something that must be published: upon an event and within a time, or every period."""

    on = choice(words.EVENTS)
    within = part(Within)
    per = choice(words.PERIODS)
    quote = text()

    @validates_schema
    def _a_limit_needs_a_start(self, data: dict[str, Any], **_: object) -> None:
        if data.get("within") is not None and data.get("on") is None:
            raise ValidationError(
                bilingual("A limit needs the event it runs from.", "有时限时应填写起算事件。"), "on"
            )


class Disclosure(Cited):
    """The register of what the public may see, who publishes it and where."""

    publisher = text()
    channel = text()
    per = choice(words.PERIODS)
    board_phones = switch()
    items = parts(PublicItem)


class NoticeRule(Section):
    """Upon an event, posts of these kinds at this place are told, and confirm within a time."""

    on = choice(words.EVENTS, required=True)
    to_kinds = listed(choice(words.ROLE_KINDS, required=True), required=True, least=1)
    at = choice(words.NOTICE_PLACES, required=True)
    confirm_within = part(Within)


class Notifications(Section):
    """Who is told of what."""

    rules = parts(NoticeRule)


class DayOverride(Section):
    """A day on which the county works, or does not, against the calendar."""

    date = day(required=True)
    working = switch(default=False)
    name = text()


class Calendar(Section):
    """The time zone and working days that every deadline of the county is computed in."""

    time_zone = text()
    working_days = choice(words.WORKING_DAYS)
    overrides = parts(DayOverride)

    @validates("time_zone")
    def _a_known_zone(self, value: str | None, **_: object) -> None:
        if value is not None and value not in available_timezones():
            raise ValidationError(bilingual(
                f"{value!r} is no IANA time zone; give one such as Asia/Shanghai.",
                f"“{value}”不是 IANA 时区,例如 Asia/Shanghai。",
            ))  # fmt: skip

    @post_load
    def _as_the_country_works(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """What a county leaves open: China's time and its holidays."""
        return {
            **data,
            "time_zone": data["time_zone"] or "Asia/Shanghai",
            "working_days": data["working_days"] or "national",
        }


class RecordedSwitch(Section):
    """A switch that law allows only where the county records the ground for it."""

    on = switch(default=False)
    ground = text()

    @validates_schema
    def _on_needs_a_ground(self, data: dict[str, Any], **_: object) -> None:
        if data.get("on") and data.get("ground") is None:
            raise ValidationError(
                bilingual(
                    "Record the legal ground before switching this on.", "启用前应先填写依据。"
                ),
                "ground",
            )


Features = Section.from_dict(
    {
        **{name: switch() for name in words.SWITCHES},
        **{name: part(RecordedSwitch) for name in words.RECORDED_SWITCHES},
    },
    name="Features",
)


class HolderOverride(Section):
    """Another holder or head count for one role type in one township."""

    role_type = role_id(required=True)
    holder = text()
    min = whole()
    max = whole()


class TownshipOverride(Section):
    """What one township does its own way, in place of the county's rules on those levels."""

    admin_code = text(required=True)
    patrol = parts(PatrolRule)
    reports = parts(Report)
    holders = parts(HolderOverride)


class BasisDocument(Section):
    """A higher document that the scheme rests on."""

    title = text()
    number = text()
    issuer = text()
    trial = switch()


class Parties(Cited):
    """Who organises, who coordinates, who carries out, and how society takes part."""

    organises = text()
    coordinates = text()
    carries_out = text()
    takes_part = text()


class Basis(Cited):
    """What the scheme rests on: documents, the ground of the division, the parties, the deadline.

    `division`: grids follow administrative areas, industries, or both. `complete_by`: the day by
    which the scheme is to be in place.
    """

    documents = parts(BasisDocument)
    trial = switch()
    division = choice(words.DIVISION_GROUNDS)
    parties = part(Parties)
    complete_by = day(required=False)


class Locality(Section):
    """The place a document speaks of, as far as it names it."""

    name = text()
    kind = text()
    county = text()
    city = text()
    province = text()
    note = text()


class Provenance(Section):
    """Where a template comes from, and what its document says that no section holds."""

    source = text()
    also_in = listed(text(required=True))
    locality = part(Locality)
    implied_upper_numbers = listed(whole(least=1, most=9))
    facts = facts()
    features = listed(slug(required=True))
    notes = listed(text(required=True))
