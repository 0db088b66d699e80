"""Appointing people, ending posts, and listing them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import local_day
from services.personnel.posts.domain import fitting
from services.personnel.posts.domain.posts import (
    NO_TERMS,
    READ,
    Interval,
    Place,
    Post,
    PostFilter,
    RoleType,
    Terms,
    Viewer,
    check_area,
    check_vacancy,
    end,
    facts_of,
    make_post,
)
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.usecases.permissions import require_staff
from services.personnel.posts.usecases.vacancies import look_at_posts
from services.personnel.roster.store import RosterStore
from shared.contracts.personnel import PostAssigned, PostEnded
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.paging import Page, PageRequest
from shared.structure.store import Grid, Structure


@dataclass(frozen=True, slots=True)
class Appointment:
    """A request to appoint: who, as what, where, and from when to when."""

    post_id: UUID
    person_id: UUID
    role_type: str
    grid_id: UUID | None
    department_id: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    terms: Terms = NO_TERMS


def hold_place(tx: Transaction, asked: Appointment) -> None:
    """Wait until nobody else changes who holds the role at the place, and keep others waiting."""
    place = Place(asked.grid_id, None, asked.department_id)
    tx.store(PlaceLocks).lock([(asked.role_type, place)])


def assign_post(tx: Transaction, asked: Appointment, clock: Clock) -> Post:
    """Appoint a person, by the scheme of the county's present day as it holds in the township.

    Raises InvalidArgument naming the field at fault, PermissionDenied where the caller's staff
    capability does not reach the place, PostHeldAlready, PostsFilled, AreaTaken.
    """
    hold_place(tx, asked)
    now = clock()
    role, grid, place = fit(tx, asked, now)
    require_staff(tx, place)
    if not tx.store(RosterStore).names([asked.person_id]):
        raise fitting.unknown_person()
    valid = Interval(asked.valid_from or now, asked.valid_to)
    post = make_post(asked.post_id, asked.person_id, role, place, valid, asked.terms)
    return appoint(tx, post, role, grid, now)


def fit(tx: Transaction, asked: Appointment, now: datetime) -> tuple[RoleType, Grid | None, Place]:
    """What the appointment means by the scheme of the county's present day, as the township has it.

    Raises InvalidArgument naming the field at fault.
    """
    of_county = tx.store(Structure).scheme_on(local_day(tx, now))
    grid = _grid(tx, asked.grid_id)
    scheme = tx.store(Structure).scheme_at(of_county, grid)
    role = fitting.role_of(scheme, asked.role_type)
    return role, grid, fitting.place_of(scheme, role, grid, asked.department_id, now)


def end_post(
    tx: Transaction,
    post_id: UUID,
    at: datetime | None,
    expected_version: int,
    clock: Clock,
) -> Post:
    """End a post at a moment, now unless given; ``expected_version`` 0 expects none.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, InvalidArgument.
    """
    post = held_post(tx, post_id, expected_version)
    now = clock()
    ended = end(post, at or now, now)
    tx.store(PostStore).save(ended, post.version)
    tx.outbox.add(PostEnded(**facts_of(ended)), subject=ended.post_id, sequence=ended.version)
    look_at_posts(tx, [ended], now)
    return ended


def held_post(tx: Transaction, post_id: UUID, expected_version: int) -> Post:
    """A post that the caller may change, at the version expected, its place held.

    Raises PostNotFound, PermissionDenied, Aborted.
    """
    place = tx.store(PostStore).get(post_id)
    tx.store(PlaceLocks).lock([(place.role_type, place.place)])
    post = tx.store(PostStore).get(post_id)
    require_staff(tx, post.place)
    require_version(expected_version, post.version)
    return post


def list_posts(tx: Transaction, wanted: PostFilter, asked: PageRequest) -> Page[Post]:
    """Posts that the caller may read, and the caller's own."""
    return tx.store(PostStore).page(Viewer.of(tx.context, READ), wanted, asked)


def appoint(tx: Transaction, post: Post, role: RoleType, grid: Grid | None, now: datetime) -> Post:
    """Record a new post where there is room; its place is held.

    Raises PostHeldAlready, PostsFilled, AreaTaken.
    """
    unit_type, unit = (None, None) if grid is None else (grid.unit_type, grid.name)
    maximum = role.maximum_for(unit_type, unit)
    beside = tx.store(PostStore).beside(post.role_type, post.place)
    check_vacancy(post, beside, maximum)
    check_area(post, beside)
    tx.store(PostStore).add(post)
    tx.outbox.add(PostAssigned(**facts_of(post)), subject=post.post_id, sequence=post.version)
    look_at_posts(tx, [post], now)
    return post


def _grid(tx: Transaction, grid_id: UUID | None) -> Grid | None:
    if grid_id is None:
        return None
    grid = tx.store(Structure).find_grid(grid_id)
    if grid is None:
        raise fitting.unknown_grid()
    return grid
