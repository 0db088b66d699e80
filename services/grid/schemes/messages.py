"""Drafts, versions and what a scheme says, as messages."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import orjson

from services.grid.schemes.document import Problem
from services.grid.schemes.document.differences import Change, Difference
from services.grid.schemes.document.features import Feature
from services.grid.schemes.document.impact import AT_MOST, LevelChange, PartChange, PatrolChange
from services.grid.schemes.domain.drafts import Draft
from services.grid.schemes.domain.progress import Progress, SchemeState
from services.grid.schemes.domain.published import PublishedEntry
from services.grid.schemes.domain.routing import CategoryRouting
from services.grid.schemes.domain.versions import SchemeEntry, SchemeVersion
from services.grid.schemes.usecases.drafts import Preview
from services.grid.schemes.usecases.versions import Effective
from shared.rpc.messages import writer
from wangge.grid.v1 import scheme_drafts_pb2, schemes_pb2

CHANGES = {
    Change.ADDED: schemes_pb2.CHANGE_ADDED,
    Change.REMOVED: schemes_pb2.CHANGE_REMOVED,
    Change.CHANGED: schemes_pb2.CHANGE_CHANGED,
}
STATES = {
    SchemeState.DRAFT: schemes_pb2.SCHEME_STATE_DRAFT,
    SchemeState.TRIAL: schemes_pb2.SCHEME_STATE_TRIAL,
    SchemeState.ACTIVE: schemes_pb2.SCHEME_STATE_ACTIVE,
}
Entry = TypeVar("Entry")


write_draft = writer(scheme_drafts_pb2.SchemeDraft, Draft)


def findings(problems: Iterable[Problem]) -> list[scheme_drafts_pb2.SchemeFinding]:
    """Findings about a document."""
    return [
        scheme_drafts_pb2.SchemeFinding(pointer=each.pointer, en=each.en, zh=each.zh)
        for each in problems
    ]


write_entry = writer(schemes_pb2.SchemeEntry, SchemeEntry)


def difference_message(found: Difference) -> schemes_pb2.Difference:
    """A place at which two documents differ."""
    return schemes_pb2.Difference(
        pointer=found.pointer,
        change=CHANGES[found.change],
        before_json="" if found.change is Change.ADDED else _json(found.before),
        after_json="" if found.change is Change.REMOVED else _json(found.after),
    )


write_published = writer(scheme_drafts_pb2.ShelvedScheme, PublishedEntry)


write_effective = writer(
    schemes_pb2.EffectiveScheme,
    Effective,
    parts=("version", "scheme"),
    names={"version": "version.version", "document_json": "scheme.document"},
    made={"overridden": lambda found: bool(found.scheme.pointers)},
)


def status_message(found: Progress, draft_version: int) -> schemes_pb2.SchemeStatus:
    """How far a scheme is."""
    in_force, coming = found.in_force, found.coming
    return schemes_pb2.SchemeStatus(
        state=STATES[found.state],
        in_force=in_force.version if in_force else 0,
        effective_on=in_force.effective_on.isoformat() if in_force else "",
        complete_by=found.complete_by.isoformat() if found.complete_by else "",
        days_left=found.days_left,
        overdue=found.overdue,
        next_version=coming.version if coming else 0,
        next_effective_on=coming.effective_on.isoformat() if coming else "",
        draft_version=draft_version,
    )


write_feature = writer(schemes_pb2.Feature, Feature)


def department_message(department: Mapping[str, Any]) -> schemes_pb2.Department:
    """A department of a normalised document."""
    return schemes_pb2.Department(
        department_id=department["id"],
        name=department["name"],
        default=department["default"],
        duties=[
            schemes_pb2.Duty(
                category=duty["category"],
                mode=duty["mode"],
                unit_types=duty["area"]["unit_types"] if duty["area"] else (),
            )
            for duty in department["duties"]
        ],
    )


def category_message(category: CategoryRouting) -> schemes_pb2.Category:
    """A category with the departments that deal with it."""
    of = category.departments
    return schemes_pb2.Category(
        category_id=category.category_id,
        name=category.name,
        parent=category.parent or "",
        leads=of.get("lead", ()),
        supervises=of.get("supervise", ()),
        participates=of.get("participate", ()),
        assists=of.get("assist", ()),
        gates=of.get("gate", ()),
        falls_to=category.falls_to or "",
    )


def impact_message(preview: Preview) -> scheme_drafts_pb2.Impact:
    """What publishing would change, each list up to its bound."""
    found = preview.impact
    lists: tuple[Sequence[Any], ...] = (
        found.levels, found.role_types, found.required_posts, found.patrol, found.departments,
        found.categories, found.routing, found.clocks, found.features,
    )  # fmt: skip
    return scheme_drafts_pb2.Impact(
        against=preview.against,
        levels=[_level(each, preview.first_grids) for each in _first(found.levels)],
        role_types=_parts(found.role_types),
        required_posts=[
            scheme_drafts_pb2.RequiredPosts(
                role_type=each.role_type,
                title=each.title,
                level_id=each.level_id,
                grids=each.grids,
                min=each.least,
                posts=each.posts,
                posts_before=each.posts_before,
            )
            for each in _first(found.required_posts)
        ],
        posts_required=found.posts,
        posts_required_before=found.posts_before,
        patrol=[_patrol(each) for each in _first(found.patrol)],
        per_month_added=round(float(found.added), 2),
        per_month_dropped=round(float(found.dropped), 2),
        departments=_parts(found.departments),
        categories=_parts(found.categories),
        routing=[
            scheme_drafts_pb2.RoutingChange(
                category=each.category, before=each.before, after=each.after
            )
            for each in _first(found.routing)
        ],
        clocks=_parts(found.clocks),
        features=_parts(found.features),
        left_off=sum(max(len(entries) - AT_MOST, 0) for entries in lists),
    )


def _first(entries: Sequence[Entry]) -> Iterable[Entry]:
    return islice(entries, AT_MOST)


def _parts(changes: Sequence[PartChange]) -> list[scheme_drafts_pb2.PartChange]:
    return [
        scheme_drafts_pb2.PartChange(id=each.part_id, name=each.name, change=CHANGES[each.change])
        for each in _first(changes)
    ]


def _level(
    found: LevelChange, first_grids: Mapping[str, Sequence[str]]
) -> scheme_drafts_pb2.LevelChange:
    return scheme_drafts_pb2.LevelChange(
        level_id=found.level_id,
        name=found.name,
        change=CHANGES[found.change],
        grids=found.grids,
        first_grids=first_grids.get(found.level_id, ()),
    )


def _patrol(found: PatrolChange) -> scheme_drafts_pb2.PatrolChange:
    before, after = found.before, found.after
    return scheme_drafts_pb2.PatrolChange(
        rule_id=found.rule_id,
        change=CHANGES[found.change],
        per_month_before=None if before is None else round(float(before), 2),
        per_month_after=None if after is None else round(float(after), 2),
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


write_scheme = writer(schemes_pb2.Scheme, SchemeVersion)
