"""Appointing people, ending posts, and saying who answers for a grid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.personnel.domain import fitting
from services.personnel.domain.people import PersonEntry
from services.personnel.domain.posts import (
    ADMIN_ROLE_TYPE,
    READ,
    Interval,
    Place,
    Post,
    PostAssigned,
    PostEnded,
    PostFilter,
    RoleType,
    SchemeLacksAdmin,
    Viewer,
    check_vacancy,
    end,
    make_post,
)
from services.personnel.ports import PasswordHasher, PersonnelTransaction
from services.personnel.usecases.county import local_day
from services.personnel.usecases.people import STAFF, NewPerson, create_person
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


def assign_post(tx: PersonnelTransaction, asked: Appointment, now: datetime) -> Post:
    """Appoint a person, by the scheme of the county's present day.

    Raises InvalidArgument naming the field at fault, PermissionDenied where the caller's staff
    capability does not reach the place, PostHeldAlready, PostsFilled.
    """
    scheme = tx.structure.scheme_on(local_day(tx, now))
    role = fitting.role_of(scheme, asked.role_type)
    grid = _grid(tx, asked.grid_id)
    place = fitting.place_of(scheme, role, grid, asked.department_id, now)
    require_staff(tx, place)
    if tx.people.find(asked.person_id) is None:
        raise fitting.unknown_person()
    valid = Interval(asked.valid_from or now, asked.valid_to)
    post = make_post(asked.post_id, asked.person_id, role, place, valid)
    return _appoint(tx, post, role, grid)


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
    return entry, _appoint(tx, post, role, None)


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
    return ended


def list_posts(
    tx: PersonnelTransaction, wanted: PostFilter, after: UUID | None, limit: int
) -> list[Post]:
    """Posts that the caller may read, and the caller's own."""
    return tx.posts.page(Viewer.of(tx.context, READ), wanted, after, limit)


def find_responsible(
    tx: PersonnelTransaction, grid_id: UUID, moment: datetime
) -> list[tuple[Post, str]]:
    """Posts that answer for the grid at a moment with their holders' names, nearest grid first.

    It goes by the tree of that moment. Raises GridNotFound, PermissionDenied where the caller may
    not read the grid.
    """
    grid = tx.structure.grid(grid_id)
    tx.context.require_grid(READ, grid.path)
    upward = tx.structure.upward_at(grid_id, moment)
    return tx.posts.answering_for([above.grid_id for above in upward], moment)


def require_staff(tx: PersonnelTransaction, place: Place) -> None:
    """Raise PermissionDenied unless the caller's staff capability reaches the place."""
    if place.department_id is not None:
        tx.context.require_department(STAFF, place.department_id)
    elif place.grid_path is not None:
        tx.context.require_grid(STAFF, place.grid_path)
    else:
        tx.context.require_county(STAFF)


def _appoint(tx: PersonnelTransaction, post: Post, role: RoleType, grid: Grid | None) -> Post:
    unit_type, unit = (None, None) if grid is None else (grid.unit_type, grid.name)
    maximum = role.maximum_for(unit_type, unit)
    check_vacancy(post, tx.posts.beside(post.role_type, post.place), maximum)
    tx.posts.add(post)
    tx.outbox.add(PostAssigned(post), subject=post.post_id, sequence=post.version)
    return post


def _grid(tx: PersonnelTransaction, grid_id: UUID | None) -> Grid | None:
    if grid_id is None:
        return None
    grid = tx.structure.find_grid(grid_id)
    if grid is None:
        raise fitting.unknown_grid()
    return grid
