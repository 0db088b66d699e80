"""Changes of holder, what a post is about, the staffing check, and a grid's archive."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import Leave
from services.personnel.common.scheme import local_day, requirements_now, scheme_then
from services.personnel.ports import PersonnelTransaction
from services.personnel.posts.domain import fitting
from services.personnel.posts.domain.posts import (
    READ,
    Interval,
    Post,
    PostEnded,
    PostHandedOver,
    PostOver,
    Terms,
    check_area,
    end,
    make_post,
)
from services.personnel.posts.domain.vacancies import Vacancy, roles_of
from services.personnel.posts.usecases.appointing import appoint, require_staff
from services.personnel.posts.usecases.vacancies import look_at_post
from services.personnel.staffing import domain as rules
from shared.errors import Aborted, InvalidArgument, Text, Violation
from shared.structure.store import Grid

SAME_PERSON = Text(
    "The successor holds the post already; name somebody else.",
    "接任人即为现任人员,请另行指定。",
)
BAD_AT = Text(
    "The post starts at {start}; hand it over later than that.",
    "该岗位自 {start} 起任职;交接时间须晚于该时间。",
)

TO_COME = Text(
    "A post is handed over when it happens; end it and appoint for a day to come instead.",
    "交接须在发生时登记;如在将来更换人员,请分别办理离任与任命。",
)


@dataclass(frozen=True, slots=True)
class Handing:
    """What is asked for: which post goes to whom, and when."""

    post_id: UUID
    successor_id: UUID
    new_post_id: UUID
    at: datetime | None
    expected_version: int


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything on record of who answered for a grid."""

    grid: Grid
    posts: tuple[tuple[Post, str], ...]
    leaves: tuple[Leave, ...]
    vacancies: tuple[Vacancy, ...]


def hand_over(tx: PersonnelTransaction, asked: Handing, now: datetime) -> tuple[Post, Post]:
    """End a post and appoint the successor at the same place and moment.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, InvalidArgument, PostHeldAlready.
    """
    post = _own_post(tx, asked.post_id, asked.expected_version)
    grid = None if post.place.grid_id is None else tx.structure.grid(post.place.grid_id)
    scheme = tx.structure.scheme_at(tx.structure.scheme_on(local_day(tx, now)), grid)
    role = fitting.role_of(scheme, post.role_type)
    at = asked.at or now
    _check_successor(tx, post, asked.successor_id, at, now)
    ended = end(post, at, now)
    tx.posts.save(ended, post.version)
    tx.outbox.add(PostEnded(ended), subject=ended.post_id, sequence=ended.version)
    valid = Interval(at, post.valid.end)
    terms = replace(post.terms, basis="")  # the paper named somebody else
    after = make_post(asked.new_post_id, asked.successor_id, role, post.place, valid, terms)
    appoint(tx, after, role, grid, now)
    look_at_post(tx, ended, now)
    handed = PostHandedOver(ended, after)
    tx.outbox.add(handed, subject=after.post_id, sequence=after.version)
    return ended, after


def describe_post(
    tx: PersonnelTransaction, post_id: UUID, terms: Terms, expected_version: int, now: datetime
) -> Post:
    """Change what a post is about.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, AreaTaken.
    """
    post = _own_post(tx, post_id, expected_version)
    if post.valid.end is not None and post.valid.end <= now:
        raise PostOver(end=post.valid.end.isoformat())
    described = replace(post, terms=terms, version=post.version + 1)
    tx.posts.save(described, post.version)
    check_area(described, tx.posts.beside(post.role_type, post.place))
    return described


def check_staffing(tx: PersonnelTransaction, moment: datetime) -> rules.Check:
    """Compare who is posted with each rule of the scheme, as far as the caller may read.

    Head counts are of the whole county, so only those who may read all of it get them.
    """
    scheme = scheme_then(tx, moment)
    may = tx.context
    units = [unit for unit in tx.vacancies.units(moment) if may.may_grid(READ, unit.path)]
    holders = tx.vacancies.holders(moment)
    wanted = [
        each
        for each in requirements_now(tx, scheme, units)
        if each.place.grid_id is not None
        or (each.place.department_id and may.may_department(READ, each.place.department_id))
        or may.may_county(READ)
    ]
    roles = roles_of(scheme)
    tallies, findings = rules.check(roles, wanted, holders, units)
    kinds = {role.id: role.kind for role in roles}
    bodies = {
        level["id"]: level.get("responsible_body") or ""
        for level in scheme.document.get("levels") or ()
    }
    findings += rules.unnamed(units, holders, kinds, bodies)
    totals = []
    if may.may_county(READ):
        people = tx.vacancies.people_by_role(moment)
        stated = (scheme.document.get("staffing") or {}).get("totals") or ()
        totals = [rules.total_of(entry, people) for entry in stated]
    ordered = sorted(findings, key=lambda finding: finding.sort_key)
    return rules.Check(tuple(tallies), tuple(totals), tuple(ordered))


def archive_of(tx: PersonnelTransaction, grid_id: UUID) -> Archive:
    """The division of responsibility of a grid, now and before.

    Raises GridNotFound, PermissionDenied.
    """
    grid = tx.structure.grid(grid_id)
    tx.context.require_grid(READ, grid.path)
    posts = tx.posts.of_grid(grid_id)
    leaves = tx.leaves.of_posts({post.post_id for post, _ in posts})
    return Archive(grid, tuple(posts), tuple(leaves), tuple(tx.vacancies.of_grid(grid_id)))


def _own_post(tx: PersonnelTransaction, post_id: UUID, expected_version: int) -> Post:
    """A post that the caller may change, at the version expected."""
    post = tx.posts.get(post_id)
    require_staff(tx, post.place)
    if expected_version and expected_version != post.version:
        raise Aborted(expected=expected_version, actual=post.version)
    return post


def _check_successor(
    tx: PersonnelTransaction, post: Post, successor_id: UUID, at: datetime, now: datetime
) -> None:
    faults = []
    if successor_id == post.person_id:
        faults.append(Violation("/person_id", SAME_PERSON))
    elif tx.people.find(successor_id) is None:
        faults.append(Violation("/person_id", fitting.UNKNOWN_PERSON))
    if at <= post.valid.start:
        faults.append(Violation("/at", BAD_AT.format(start=post.valid.start.isoformat())))
    if at > now:
        faults.append(Violation("/at", TO_COME))
    if faults:
        raise InvalidArgument(faults)
