"""Finding vacancies the moment they begin and end.

A change of who holds what, or of how many the scheme asks for, has the places looked at within the
same transaction, or at the moment at which it begins to hold.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import county_calendar, scheme_in_force
from services.personnel.posts.domain.posts import Place, Post
from services.personnel.posts.domain.vacancies import (
    Changes,
    Due,
    Requirement,
    facts_of,
    key_of,
    reconcile,
    requirements,
    requirements_in_townships,
)
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.store.vacancies import VacancyStore
from shared.contracts.personnel import PostFilled, PostVacated
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.structure.scheme import Scheme
from shared.structure.store import Grid

DUE_AT_ONCE = 200
JUST_NOW = timedelta(minutes=1)


def look_at_posts(tx: Transaction, posts: Iterable[Post], now: datetime) -> None:
    """Look at the posts' places for what the posts' beginnings and ends change there.

    The places are held (PlaceLocks), and ``now`` was taken since. What happens just now is looked
    at again when its moment has come: of two who end posts at once, neither sees the other's end
    where their clocks and their commits disagree on the order.
    """
    dues: list[Due] = []
    changed: dict[datetime, set[tuple[str, Place]]] = {}
    for post in posts:
        moments = [moment for moment in (post.valid.start, post.valid.end) if moment is not None]
        dues += [_due(post, moment, now) for moment in moments if moment > now - JUST_NOW]
        if past := [moment for moment in moments if moment <= now]:
            changed.setdefault(max(past), set()).add((post.role_type, post.place))
    tx.store(VacancyStore).schedule(dues)
    for moment in sorted(changed):
        _look_at_places(tx, list(changed[moment]), moment, now)


def _due(post: Post, moment: datetime, now: datetime) -> Due:
    place = post.place
    again = moment <= now
    return Due(moment, post.role_type, place.grid_id, place.department_id, again)


def look_at_grids(tx: Transaction, grids: Iterable[UUID], now: datetime) -> None:
    """Look at every role on the grids, which are new or changed."""
    tx.store(PlaceLocks).lock_county()
    _look_at_grids(tx, set(grids), now, now)


def look_at_county(tx: Transaction, moment: datetime, now: datetime) -> None:
    """Look at every role everywhere: since the moment another scheme holds."""
    tx.store(PlaceLocks).lock_county()
    scheme = scheme_in_force(tx, now)
    if scheme is None:
        return
    wanted = requirements_now(tx, scheme, tx.store(VacancyStore).units(now))
    holders, known = tx.store(VacancyStore).holders(now), tx.store(VacancyStore).lasting()
    _keep(tx, reconcile(wanted, holders, known, moment, new_id))


def scheme_published(tx: Transaction, effective_on: date, now: datetime) -> None:
    """Look at the county when the scheme begins to hold: now, or when its day comes."""
    begins = datetime.combine(effective_on, time.min, county_calendar(tx).time_zone)
    if begins > now:
        tx.store(VacancyStore).schedule([Due(begins, None, None, None)])
    else:
        look_at_county(tx, now, now)


def grids_changed(
    tx: Transaction,
    grids: Sequence[tuple[UUID, datetime, datetime | None]],
    now: datetime,
) -> None:
    """Look at grids, given with their first and last moments, now and when those come."""
    tx.store(VacancyStore).schedule(
        [
            Due(moment, None, grid_id, None)
            for grid_id, *moments in grids
            for moment in moments
            if moment is not None and moment > now
        ]
    )
    look_at_grids(tx, [grid_id for grid_id, *_ in grids], now)


def attend(tx: Transaction, clock: Clock) -> int:
    """Look at the places whose moments have come; returns how many moments there were."""
    due = tx.store(VacancyStore).take_due(clock(), DUE_AT_ONCE)
    locks = tx.store(PlaceLocks)
    if any(each.role_type is None for each in due):
        locks.lock_county()
    else:
        locks.lock([_place_of(each) for each in due])
    now = clock()
    if any(each.is_county for each in due):
        look_at_county(tx, max(each.due_at for each in due if each.is_county), now)
    grids = {each.grid_id: each.due_at for each in due if each.role_type is None and each.grid_id}
    for grid_id, moment in grids.items():
        _look_at_grids(tx, {grid_id}, moment, now)
    _attend_places(tx, [each for each in due if each.role_type is not None], now)
    return len(due)


def _place_of(due: Due) -> tuple[str, Place]:
    return (str(due.role_type), Place(due.grid_id, None, due.department_id))


def _attend_places(tx: Transaction, due: Sequence[Due], now: datetime) -> None:
    """Look at places in the order of their moments, and last at how they are now.

    So a place that lost and gained holders while no timer ran has both on record.
    """
    moments: dict[datetime, list[tuple[str, Place]]] = {}
    again: dict[tuple[str, Place], datetime] = {}
    for each in due:
        key = _place_of(each)
        if each.again:
            again[key] = each.due_at
        else:
            moments.setdefault(each.due_at, []).append(key)
    for moment in sorted(moments):
        _look_at_places(tx, moments[moment], moment, moment)
    for moment in sorted(set(again.values())):
        keys = [key for key, latest in again.items() if latest == moment]
        _look_at_places(tx, keys, moment, now)
    if moments and max(moments) < now:
        _look_at_places(tx, [key for keys in moments.values() for key in keys], now, now)


def _look_at_places(
    tx: Transaction,
    places: Sequence[tuple[str, Place]],
    moment: datetime,
    counted_at: datetime,
) -> None:
    """Keep what changed at the moment, by those who hold the posts when they are counted.

    A vacancy that began after the count is newer and stays as it is.
    """
    scheme = scheme_in_force(tx, counted_at)
    if scheme is None:
        return
    grids = {place.grid_id for _, place in places if place.grid_id is not None}
    role_types = {role_type for role_type, _ in places}
    units = tx.store(VacancyStore).units(counted_at, grids) if grids else []
    keys = {key_of(role_type, place) for role_type, place in places}
    on_grids = grids if all(place.grid_id is not None for _, place in places) else None
    known = tx.store(VacancyStore).lasting(role_types=role_types, grids=on_grids)
    keys -= {key for key, vacancy in known.items() if vacancy.since > counted_at}
    known = {key: vacancy for key, vacancy in known.items() if key in keys}
    wanted = [each for each in requirements_now(tx, scheme, units) if each.key in keys]
    if not known and not any(each.minimum for each in wanted):
        return
    holders = tx.store(VacancyStore).holders(counted_at, role_types=role_types, grids=on_grids)
    _keep(tx, reconcile(wanted, holders, known, moment, new_id))


def _look_at_grids(
    tx: Transaction, grids: Collection[UUID], moment: datetime, now: datetime
) -> None:
    scheme = scheme_in_force(tx, now)
    if scheme is None or not grids:
        return
    units: list[Grid] = tx.store(VacancyStore).units(now, grids)
    wanted: list[Requirement] = [
        each for each in requirements_now(tx, scheme, units) if each.place.grid_id is not None
    ]
    holders, known = (
        tx.store(VacancyStore).holders(now, grids=grids),
        tx.store(VacancyStore).lasting(grids=grids),
    )
    _keep(tx, reconcile(wanted, holders, known, moment, new_id))


def _keep(tx: Transaction, changes: Changes) -> None:
    tx.store(VacancyStore).add(changes.begun)
    tx.store(VacancyStore).save((*changes.ended, *changes.renumbered))
    for vacancy in changes.begun:
        vacated = PostVacated(**facts_of(vacancy))
        tx.outbox.add(vacated, subject=vacancy.vacancy_id, sequence=vacancy.version)
    for vacancy in changes.ended:
        filled = PostFilled(**facts_of(vacancy))
        tx.outbox.add(filled, subject=vacancy.vacancy_id, sequence=vacancy.version)


def requirements_now(tx: Transaction, scheme: Scheme, units: Sequence[Grid]) -> list[Requirement]:
    """What the scheme says of numbers on the units, in departments and at the county."""
    if not scheme.has_overrides:
        return requirements(scheme, units)
    return requirements_in_townships(scheme, units, tx.store(VacancyStore).codes(units))
