"""Appointing people, ending posts, and saying who answers for a grid."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import cover_of
from services.personnel.common.scheme import local_day, requirements_now, scheme_in_force
from services.personnel.people.domain.people import PersonEntry
from services.personnel.people.usecases.people import STAFF, NewPerson, create_person
from services.personnel.ports import PasswordHasher, PersonnelTransaction
from services.personnel.posts.domain import fitting
from services.personnel.posts.domain.posts import (
    ADMIN_ROLE_TYPE,
    NO_TERMS,
    READ,
    Interval,
    Place,
    Post,
    PostAssigned,
    PostEnded,
    PostFilter,
    RoleType,
    SchemeLacksAdmin,
    Terms,
    Viewer,
    check_area,
    check_vacancy,
    end,
    make_post,
)
from services.personnel.posts.usecases.vacancies import look_at_post
from services.personnel.staffing.domain import Answering, Gap, Responsibility, gaps_of
from shared.errors import Aborted
from shared.structure.store import Grid


@dataclass(frozen=True, slots=True)
class Appointment:
    """What is asked for: who, as what, where, and from when to when."""

    post_id: UUID
    person_id: UUID
    role_type: str
    grid_id: UUID | None
    department_id: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    terms: Terms = NO_TERMS


def assign_post(tx: PersonnelTransaction, asked: Appointment, now: datetime) -> Post:
    """Appoint a person, by the scheme of the county's present day as it holds in the township.

    Raises InvalidArgument naming the field at fault, PermissionDenied where the caller's staff
    capability does not reach the place, PostHeldAlready, PostsFilled.
    """
    role, grid, place = fit(tx, asked, now)
    require_staff(tx, place)
    if tx.people.find(asked.person_id) is None:
        raise fitting.unknown_person()
    valid = Interval(asked.valid_from or now, asked.valid_to)
    post = make_post(asked.post_id, asked.person_id, role, place, valid, asked.terms)
    return appoint(tx, post, role, grid, now)


def fit(
    tx: PersonnelTransaction, asked: Appointment, now: datetime
) -> tuple[RoleType, Grid | None, Place]:
    """What the appointment means by the scheme of the county's present day, as the township has it.

    Raises InvalidArgument naming the field at fault.
    """
    of_county = tx.structure.scheme_on(local_day(tx, now))
    grid = _grid(tx, asked.grid_id)
    scheme = tx.structure.scheme_at(of_county, grid)
    role = fitting.role_of(scheme, asked.role_type)
    return role, grid, fitting.place_of(scheme, role, grid, asked.department_id, now)


def create_county_admin(
    tx: PersonnelTransaction, hasher: PasswordHasher, new: NewPerson, post_id: UUID, now: datetime
) -> tuple[PersonEntry, Post]:
    """Record a person with an account, and appoint them administrator of the county.

    Raises InvalidArgument, UsernameTaken, SchemeLacksAdmin, PostsFilled.
    """
    scheme = tx.structure.scheme_on(local_day(tx, now))
    role = RoleType.of(scheme, ADMIN_ROLE_TYPE)
    if role is None or role.at != "county":
        raise SchemeLacksAdmin(role_type=ADMIN_ROLE_TYPE)
    entry = create_person(tx, hasher, new, now)
    post = make_post(post_id, new.person_id, role, Place(), Interval(now, None))
    return entry, appoint(tx, post, role, None, now)


def end_post(
    tx: PersonnelTransaction,
    post_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Post:
    """Give a post its end, now unless said; ``expected_version`` 0 expects none.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, InvalidArgument.
    """
    post = tx.posts.get(post_id)
    require_staff(tx, post.place)
    if expected_version and expected_version != post.version:
        raise Aborted(expected=expected_version, actual=post.version)
    ended = end(post, at or now, now)
    tx.posts.save(ended, post.version)
    tx.outbox.add(PostEnded(ended), subject=ended.post_id, sequence=ended.version)
    look_at_post(tx, ended, now)
    return ended


def list_posts(
    tx: PersonnelTransaction, wanted: PostFilter, after: UUID | None, limit: int
) -> list[Post]:
    """Posts that the caller may read, and the caller's own."""
    return tx.posts.page(Viewer.of(tx.context, READ), wanted, after, limit)


def find_responsible(tx: PersonnelTransaction, grid_id: UUID, moment: datetime) -> Responsibility:
    """Who answers for the grid at a moment, and which roles nobody answers for.

    The nearest grid comes first, and on a grid its leader before those who do the work.

    It goes by the tree of that moment. Raises GridNotFound, PermissionDenied where the caller may
    not read the grid.
    """
    grid = tx.structure.grid(grid_id)
    tx.context.require_grid(READ, grid.path)
    grids = tx.structure.upward_at(grid_id, moment)
    found = tx.posts.answering_for([above.grid_id for above in grids], moment)
    nearness: dict[UUID | None, int] = {above.grid_id: steps for steps, above in enumerate(grids)}
    names: dict[UUID | None, str] = {above.grid_id: above.name for above in grids}
    answering = _with_covers(tx, found, names, moment)
    answering.sort(key=lambda each: (nearness[each.post.place.grid_id], each.rank))
    return Responsibility(tuple(answering), tuple(_gaps(tx, grids, answering, moment)), names)


def _with_covers(
    tx: PersonnelTransaction,
    found: list[tuple[Post, str]],
    grid_names: Mapping[UUID | None, str],
    moment: datetime,
) -> list[Answering]:
    away = tx.leaves.away([post for post, _ in found], moment)
    covers = {post.post_id: cover_of(post.post_id, post.person_id, away) for post, _ in found}
    stand_ins = {cover.stand_in_id for cover in covers.values() if cover and cover.stand_in_id}
    names = tx.people.names(stand_ins) if stand_ins else {}
    answering = []
    for post, name in found:
        cover = covers[post.post_id]
        stand_in = names.get(cover.stand_in_id, "") if cover and cover.stand_in_id else ""
        where = grid_names.get(post.place.grid_id, "")
        answering.append(Answering(post, name, where, cover, stand_in))
    return answering


def _gaps(
    tx: PersonnelTransaction, grids: list[Grid], answering: list[Answering], moment: datetime
) -> list[Gap]:
    """Gaps by the scheme of the moment's day, nearest grid first; none while it is not known."""
    scheme = scheme_in_force(tx, moment)
    if scheme is None:
        return []
    standing = [grid for grid in grids if Interval(grid.valid_from, grid.valid_to).holds_at(moment)]
    wanted = [
        each for each in requirements_now(tx, scheme, standing) if each.place.grid_id is not None
    ]
    gaps = gaps_of(wanted, answering)
    if any(gap.post is None for gap in gaps):
        began = tx.vacancies.began({grid.grid_id for grid in standing}, moment)
        gaps = [
            replace(gap, since=began.get(gap.requirement.key)) if gap.post is None else gap
            for gap in gaps
        ]
    return sorted(gaps, key=lambda gap: -len(gap.requirement.place.grid_path or ""))


def require_staff(tx: PersonnelTransaction, place: Place) -> None:
    """Raise PermissionDenied unless the caller's staff capability reaches the place."""
    if place.department_id is not None:
        tx.context.require_department(STAFF, place.department_id)
    elif place.grid_path is not None:
        tx.context.require_grid(STAFF, place.grid_path)
    else:
        tx.context.require_county(STAFF)


def appoint(
    tx: PersonnelTransaction, post: Post, role: RoleType, grid: Grid | None, now: datetime
) -> Post:
    """Record a new post where there is room. Raises PostHeldAlready, PostsFilled, AreaTaken."""
    unit_type, unit = (None, None) if grid is None else (grid.unit_type, grid.name)
    maximum = role.maximum_for(unit_type, unit)
    beside = tx.posts.beside(post.role_type, post.place)
    check_vacancy(post, beside, maximum)
    check_area(post, beside)
    tx.posts.add(post)
    tx.outbox.add(PostAssigned(post), subject=post.post_id, sequence=post.version)
    look_at_post(tx, post, now)
    return post


def _grid(tx: PersonnelTransaction, grid_id: UUID | None) -> Grid | None:
    if grid_id is None:
        return None
    grid = tx.structure.find_grid(grid_id)
    if grid is None:
        raise fitting.unknown_grid()
    return grid
