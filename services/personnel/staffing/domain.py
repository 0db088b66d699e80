"""Who answers for what: what a kind of post makes of its holder, gaps, and the staffing check."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from services.personnel.absences.domain import Cover
from services.personnel.posts.domain.posts import Interval, Post, RoleType
from services.personnel.posts.domain.vacancies import Key, Requirement, Unit, Vacancy, key_of
from shared.errors import Text

TOO_FEW = Text(
    "'{title}' has {holders} of at least {bound}.",
    "“{title}”应不少于 {bound} 人,现有 {holders} 人。",
)
TOO_FEW_OF = Text(
    "'{title}' has {holders} of exactly {bound}.", "“{title}”应为 {bound} 人,现有 {holders} 人。"
)
TOO_MANY = Text(
    "'{title}' has {holders} of at most {bound}.",
    "“{title}”应不多于 {bound} 人,现有 {holders} 人。",
)
TOO_MANY_OF = Text(
    "'{title}' has {holders} of exactly {bound}: too many.",
    "“{title}”应为 {bound} 人,现有 {holders} 人,超出规定。",
)
NOBODY_NAMED = Text(
    "Nobody is named here: responsibility lies with {body} alone.",
    "未落实到具体责任人:责任仅由{body}承担。",
)
TOTAL_MET = Text("{posted} posted, as stated.", "在岗 {posted} 人,与方案一致。")
TOTAL_DIFFERS = Text("{posted} posted, {count} stated.", "在岗 {posted} 人,方案规定 {count} 人。")
TOTAL_NOT_STATED = Text(
    "The scheme does not say how many, or which posts count.",
    "方案未说明人数,或未说明计入哪些岗位。",
)


class Standing(StrEnum):
    """What a kind of post makes of its holder."""

    ACCOUNTABLE_LEADER = "accountable_leader"
    PRINCIPAL = "principal"
    DIRECT = "direct"
    MANAGER = "manager"
    PATROLLER = "patroller"
    SUPERVISOR = "supervisor"
    SUPPORT = "support"


STANDINGS: Final[Mapping[str, Standing]] = {
    "leader": Standing.ACCOUNTABLE_LEADER,
    "leader_any_grid": Standing.ACCOUNTABLE_LEADER,
    "grid_chief": Standing.ACCOUNTABLE_LEADER,
    "main": Standing.PRINCIPAL,
    "deputy": Standing.PRINCIPAL,
    "direct": Standing.DIRECT,
    "manager": Standing.MANAGER,
    "officer": Standing.MANAGER,
    "member": Standing.MANAGER,
    "patch_owner": Standing.MANAGER,
    "patroller": Standing.PATROLLER,
    "patroller_source": Standing.PATROLLER,
    "supervisor": Standing.SUPERVISOR,
}
"""By the role kinds of the scheme; every other kind helps, reports or runs the platform."""


def standing_of(role_kind: str) -> Standing:
    """What the kind makes of a post's holder."""
    return STANDINGS.get(role_kind, Standing.SUPPORT)


@dataclass(frozen=True, slots=True)
class Answering:
    """A post that answers for a grid at a moment, with names."""

    post: Post
    person_name: str
    grid_name: str
    cover: Cover | None
    stand_in_name: str = ""

    @property
    def rank(self) -> int:
        """Where the post stands on its grid: 0 for leaders, more for those they lead."""
        return list(Standing).index(standing_of(self.post.role_kind))


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that the scheme asks for and nobody answers for.

    ``post`` is given where its holder is away.
    """

    requirement: Requirement
    holders: int
    post: Post | None = None
    cover: Cover | None = None
    since: datetime | None = None
    grid_name: str = ""

    @property
    def grid_id(self) -> UUID | None:
        """The grid it is on, if it is on one."""
        return self.requirement.place.grid_id


def gaps_of(wanted: Iterable[Requirement], answering: Sequence[Answering]) -> list[Gap]:
    """Roles with fewer holders than the scheme asks for, and those too few of whom are covered."""
    by_place: dict[Key, list[Answering]] = {}
    for each in answering:
        by_place.setdefault(key_of(each.post.role_type, each.post.place), []).append(each)
    found = []
    for requirement in wanted:
        minimum = requirement.minimum or 0
        here = by_place.get(requirement.key, [])
        holders = len({each.post.person_id for each in here})
        open_posts = [each for each in here if each.cover and each.cover.stand_in_id is None]
        if holders < minimum:
            found.append(Gap(requirement, holders))
        elif holders - len(open_posts) < minimum:
            found += [Gap(requirement, holders, each.post, each.cover) for each in open_posts]
    return found


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for a grid at a moment, nearest grid first, and where nobody does."""

    answering: tuple[Answering, ...]
    gaps: tuple[Gap, ...]


class Part(StrEnum):
    """The two parts of the list of gaps, in their order; page tokens name them."""

    VACANT = "vacant"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True)
class VacantPost:
    """A vacancy with its grid's name."""

    vacancy: Vacancy
    grid_name: str

    @property
    def sort_key(self) -> tuple[Part, UUID]:
        """Its place in the list of gaps."""
        return Part.VACANT, self.vacancy.vacancy_id


@dataclass(frozen=True, slots=True)
class UncoveredPost:
    """A post whose holder is away with nobody standing in, its grid's name, and the absence."""

    post: Post
    grid_name: str
    away: Interval

    @property
    def sort_key(self) -> tuple[Part, UUID]:
        """Its place in the list of gaps."""
        return Part.UNCOVERED, self.post.post_id


class FindingKind(StrEnum):
    """What is wrong at a place."""

    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    NOBODY_NAMED = "nobody_named"


class TotalState(StrEnum):
    """How a head count of the whole county stands."""

    MET = "met"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that does not keep a rule."""

    kind: FindingKind
    grid_id: UUID | None
    grid_name: str
    grid_path: str
    department_id: str | None
    role_type: str
    title: str
    minimum: int | None
    maximum: int | None
    holders: int
    reason: Text

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Departments and the county first, then grids in the order of their paths."""
        return (self.grid_path, self.department_id or "", self.role_type)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the county keeps one rule: at how many places, and how many do not."""

    role_type: str
    title: str
    minimum: int | None
    maximum: int | None
    places: int
    too_few: int
    too_many: int


@dataclass(frozen=True, slots=True)
class Total:
    """A head count that the scheme states, beside the people posted."""

    title: str
    count: int | None
    role_types: tuple[str, ...]
    posted: int | None
    state: TotalState
    reason: Text


@dataclass(frozen=True, slots=True)
class Check:
    """What the staffing check found: every rule by itself, never one counted for another."""

    tallies: tuple[Tally, ...]
    totals: tuple[Total, ...]
    findings: tuple[Finding, ...]


def check(
    roles: Sequence[RoleType],
    wanted: Sequence[Requirement],
    holders: Mapping[Key, int],
    units: Sequence[Unit],
) -> tuple[list[Tally], list[Finding]]:
    """Compare every rule with who is posted, place by place."""
    names = {unit.grid_id: unit.name for unit in units}
    findings = [
        finding
        for each in wanted
        if (finding := _finding(each, holders.get(each.key, 0), names)) is not None
    ]
    by_role: dict[str, list[Requirement]] = {}
    for each in wanted:
        by_role.setdefault(each.role.id, []).append(each)
    tallies = [
        _tally(role, len(by_role[role.id]), findings) for role in roles if role.id in by_role
    ]
    return tallies, findings


def unnamed(
    units: Sequence[Unit],
    holders: Mapping[Key, int],
    kinds: Mapping[str, str],
    bodies: Mapping[str, str],
) -> list[Finding]:
    """Units on which no person answers, only an organisation does.

    ``kinds`` are role kinds by role type, ``bodies`` the responsible bodies by level.
    """
    named = {
        grid_id
        for (role_type, grid_id, _), count in holders.items()
        if count and standing_of(kinds.get(role_type, "")) is not Standing.SUPPORT
    }
    return [
        Finding(
            FindingKind.NOBODY_NAMED,
            unit.grid_id,
            unit.name,
            unit.path,
            None,
            "",
            "",
            None,
            None,
            0,
            NOBODY_NAMED.format(body=bodies.get(unit.level_id) or unit.name),
        )
        for unit in units
        if unit.grid_id not in named
    ]


def total_of(entry: Mapping[str, Any], people: Mapping[str, set[UUID]]) -> Total:
    """A head count of the scheme, with the people who hold its role types, each counted once."""
    role_types = tuple(entry.get("role_types") or ())
    count, title = entry.get("count"), str(entry["title"])
    posted = len(set().union(*(people.get(role, set()) for role in role_types)))
    if count is None or not role_types:
        shown = posted if role_types else None
        return Total(title, count, role_types, shown, TotalState.NOT_STATED, TOTAL_NOT_STATED)
    if posted == count:
        reason = TOTAL_MET.format(posted=posted)
        return Total(title, count, role_types, posted, TotalState.MET, reason)
    state = TotalState.TOO_FEW if posted < count else TotalState.TOO_MANY
    reason = TOTAL_DIFFERS.format(posted=posted, count=count)
    return Total(title, count, role_types, posted, state, reason)


def _finding(each: Requirement, holders: int, names: Mapping[UUID, str]) -> Finding | None:
    minimum, maximum = each.minimum, each.maximum
    exact = minimum is not None and minimum == maximum
    if minimum is not None and holders < minimum:
        kind, sentence, bound = FindingKind.TOO_FEW, TOO_FEW_OF if exact else TOO_FEW, minimum
    elif maximum is not None and holders > maximum:
        kind, sentence, bound = FindingKind.TOO_MANY, TOO_MANY_OF if exact else TOO_MANY, maximum
    else:
        return None
    grid_id = each.place.grid_id
    return Finding(
        kind,
        grid_id,
        names.get(grid_id, "") if grid_id else "",
        each.place.grid_path or "",
        each.place.department_id,
        each.role.id,
        each.role.title,
        minimum,
        maximum,
        holders,
        sentence.format(title=each.role.title, holders=holders, bound=bound),
    )


def _tally(role: RoleType, places: int, findings: Sequence[Finding]) -> Tally:
    theirs = [finding.kind for finding in findings if finding.role_type == role.id]
    return Tally(
        role.id,
        role.title,
        role.minimum,
        role.maximum,
        places,
        theirs.count(FindingKind.TOO_FEW),
        theirs.count(FindingKind.TOO_MANY),
    )
