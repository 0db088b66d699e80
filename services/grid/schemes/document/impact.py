"""What publishing a scheme would change, in numbers and whole lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, Final

from services.grid.schemes.document.differences import Change, by_id, changes_of
from services.grid.tree.domain.grids import LevelGrids, count_by_level

AT_MOST: Final = 200
FIRST_GRIDS: Final = 10
DAYS_PER_MONTH: Final = Fraction(365, 12)
PER_MONTH: Final[Mapping[str, Fraction]] = {
    "day": DAYS_PER_MONTH,
    "two_days": DAYS_PER_MONTH / 2,
    "week": DAYS_PER_MONTH / 7,
    "half_month": Fraction(2),
    "month": Fraction(1),
    "two_months": Fraction(1, 2),
    "quarter": Fraction(1, 3),
    "half_year": Fraction(1, 6),
    "year": Fraction(1, 12),
}
"""How often each countable period comes round in an average month."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part with an id that was added, removed or changed."""

    part_id: str
    name: str
    change: Change


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level that was added, removed or changed, and the grids it has now."""

    level_id: str
    name: str
    change: Change
    grids: int


@dataclass(frozen=True, slots=True)
class RequiredPosts:
    """Posts that the scheme requires at the grids of a level."""

    role_type: str
    title: str
    level_id: str
    grids: int
    least: int
    posts: int
    posts_before: int


@dataclass(frozen=True, slots=True)
class PatrolChange:
    """A patrol rule that changes; obligations in an average month, None where not stated."""

    rule_id: str
    change: Change
    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """A category whose departments change, each as ``<mode>:<department>``."""

    category: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What publishing would change. The lists are complete, without a bound."""

    levels: tuple[LevelChange, ...]
    role_types: tuple[PartChange, ...]
    required_posts: tuple[RequiredPosts, ...]
    patrol: tuple[PatrolChange, ...]
    departments: tuple[PartChange, ...]
    categories: tuple[PartChange, ...]
    routing: tuple[RoutingChange, ...]
    clocks: tuple[PartChange, ...]
    features: tuple[PartChange, ...]
    posts_before: int

    @property
    def posts(self) -> int:
        """Holders required in all grids."""
        return sum(each.posts for each in self.required_posts)

    @property
    def added(self) -> Fraction:
        """Obligations in an average month that come."""
        return sum((_more(c.before, c.after) for c in self.patrol), Fraction())

    @property
    def dropped(self) -> Fraction:
        """Obligations in an average month that go."""
        return sum((_more(c.after, c.before) for c in self.patrol), Fraction())


def impact(
    before: Mapping[str, Any], after: Mapping[str, Any], grids: Sequence[LevelGrids]
) -> Impact:
    """What changes from one normalised document to the other, for the grids of today."""
    counts = count_by_level(grids)
    posts_before = _required(before, grids)
    return Impact(
        levels=tuple(
            LevelChange(level_id, (new or old)["name"], change, counts.get(level_id, 0))
            for level_id, change, old, new in changes_of(
                by_id(before["levels"]), by_id(after["levels"])
            )
        ),
        role_types=_parts(before, after, "role_types", "title"),
        required_posts=tuple(_required_posts(after, grids, posts_before)),
        patrol=tuple(_patrol(before, after, counts)),
        departments=_parts(before, after, "departments", "name"),
        categories=_parts(before, after, "categories", "name"),
        routing=tuple(_routing_changes(before, after)),
        clocks=tuple(
            PartChange(name, name, change)
            for name, change, _, _ in changes_of(_clocks(before), _clocks(after))
        ),
        features=tuple(
            PartChange(name, name, Change.ADDED if new else Change.REMOVED)
            for name, _, _, new in changes_of(_switches(before), _switches(after))
        ),
        posts_before=sum(posts_before.values()),
    )


def monthly(rule: Mapping[str, Any], counts: Mapping[str, int]) -> Fraction | None:
    """Obligations of a rule in an average month over its level; None where it does not say."""
    times, per, level = rule["at_least"], rule["per"], rule["level"]
    if times is None or level is None or per not in PER_MONTH:
        return None
    return PER_MONTH[per] * int(times) * counts.get(level, 0)


def is_on(value: object) -> bool:
    """Whether a switch of the document's features is on; not stated works as off."""
    return bool(value.get("on") if isinstance(value, Mapping) else value)


def _parts(
    before: Mapping[str, Any], after: Mapping[str, Any], member: str, name: str
) -> tuple[PartChange, ...]:
    changes = changes_of(by_id(before[member]), by_id(after[member]))
    return tuple(
        PartChange(part_id, (new or old)[name], change) for part_id, change, old, new in changes
    )


def _required(
    document: Mapping[str, Any], grids: Sequence[LevelGrids]
) -> dict[tuple[str, str], int]:
    """Holders required, by role type and level, as far as types of units tell."""
    own = {level["id"] for level in document["levels"] if level["scope"] == "own"}
    required: dict[tuple[str, str], int] = {}
    for role in document["role_types"]:
        if role["at"] != "grid":
            continue
        for each in grids:
            if each.level_id in own and role["level"] in (None, each.level_id):
                key = role["id"], each.level_id
                least = _least(role, each.unit_type)
                required[key] = required.get(key, 0) + least * each.count
    return required


def _least(role: Mapping[str, Any], unit_type: str) -> int:
    for entry in role["overrides"]:
        if entry["unit_type"] == unit_type and entry["min"] is not None:
            return int(entry["min"])
    return int(role["min"] or 0)


def _required_posts(
    after: Mapping[str, Any], grids: Sequence[LevelGrids], before: Mapping[tuple[str, str], int]
) -> Iterator[RequiredPosts]:
    roles, counts = by_id(after["role_types"]), count_by_level(grids)
    for (role_id, level_id), posts in _required(after, grids).items():
        if posts:
            role = roles[role_id]
            yield RequiredPosts(
                role_type=role_id,
                title=role["title"],
                level_id=level_id,
                grids=counts[level_id],
                least=int(role["min"] or 0),
                posts=posts,
                posts_before=before.get((role_id, level_id), 0),
            )


def _patrol(
    before: Mapping[str, Any], after: Mapping[str, Any], counts: Mapping[str, int]
) -> Iterator[PatrolChange]:
    own_before, own_after = (_counted(document, counts) for document in (before, after))
    for rule_id, change, old, new in changes_of(by_id(before["patrol"]), by_id(after["patrol"])):
        yield PatrolChange(
            rule_id,
            change,
            monthly(old, own_before) if old else None,
            monthly(new, own_after) if new else None,
        )


def _counted(document: Mapping[str, Any], counts: Mapping[str, int]) -> dict[str, int]:
    """Grids of the levels that the document has."""
    return {level["id"]: counts.get(level["id"], 0) for level in document["levels"]}


def _routing_changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[RoutingChange]:
    old, new = _routing(before), _routing(after)
    for category in dict.fromkeys(chain(old, new)):
        was, will_be = old.get(category, ()), new.get(category, ())
        if was != will_be:
            yield RoutingChange(category, was, will_be)


def _routing(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    routing: dict[str, tuple[str, ...]] = {}
    for department in document["departments"]:
        for duty in department["duties"]:
            entry = f"{duty['mode']}:{department['id']}"
            routing[duty["category"]] = (*routing.get(duty["category"], ()), entry)
    return {category: tuple(sorted(entries)) for category, entries in routing.items()}


def _clocks(document: Mapping[str, Any]) -> dict[str, Any]:
    members = ("kind", "from", "stops", "category", "level")
    return {
        ".".join(clock[member] or "*" for member in members): clock["within"]
        for clock in document["cases"]["clocks"]
    }


def _switches(document: Mapping[str, Any]) -> dict[str, bool]:
    return {name: is_on(value) for name, value in document["features"].items()}


def _more(one: Fraction | None, other: Fraction | None) -> Fraction:
    """By how much the other exceeds the one; what is not stated counts for nothing."""
    return max((other or Fraction()) - (one or Fraction()), Fraction())
