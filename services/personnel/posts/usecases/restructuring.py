"""Posts on a grid that was split, merged or retired end with it, and may go on at its successor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import local_day
from services.personnel.posts.domain.posts import (
    Interval,
    Place,
    Post,
    PostHeldAlready,
    PostsFilled,
    RoleType,
    check_vacancy,
    facts_of,
)
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.store.restructuring import GridPostStore
from services.personnel.posts.usecases.vacancies import look_at_posts
from shared.contracts.grid import ENDING, GridRestructured
from shared.contracts.personnel import PostAssigned, PostEnded
from shared.db.transaction import Transaction
from shared.structure.restructuring import await_restructured
from shared.structure.scheme import Scheme
from shared.structure.store import Grid, Structure


def follow_restructuring(
    tx: Transaction, change: GridRestructured, clock: Clock, new_id: Callable[[], UUID]
) -> None:
    """End the posts of grids that ended, at that moment; where asked, let holders go on.

    A post goes on where its role type fits the grid that succeeds its own and has room there, the
    longest held first; one that was to begin later is cancelled likewise. Raises
    StructureNotYetKnown while the grids' own events have not all arrived.
    """
    if change.kind not in ENDING:
        return
    tx.store(PlaceLocks).lock_county()
    now = clock()
    structure = tx.store(Structure)
    await_restructured(structure, change)
    at = change.effective_at
    successors: dict[UUID | None, Grid] = {
        each.from_id: structure.awaited_grid(each.to_id) for each in change.heirs
    }
    scheme = structure.scheme_on(local_day(tx, now))
    ends: list[dict[str, Any]] = []
    changed: list[Post] = []
    for post in tx.store(GridPostStore).open_on(change.predecessors, at):
        changed.append(_ended(tx, post, max(at, post.valid.start)))
        successor = successors.get(post.place.grid_id) if change.carry_posts else None
        carried = successor and _carried_on(
            tx, _at(successor, post, at, new_id()), successor, scheme
        )
        if carried:
            changed.append(carried)
        ends.append(
            {
                "post_id": post.post_id,
                "change_id": change.change_id,
                "reason": change.kind,
                "ended_at": max(at, post.valid.start),
                "carried_to": carried.post_id if carried else None,
            }
        )
    if ends:
        tx.store(GridPostStore).note_ends(ends)
        look_at_posts(tx, changed, now)


def _ended(tx: Transaction, post: Post, at: datetime) -> Post:
    valid = Interval(post.valid.start, at)
    ended = replace(post, valid=valid, version=post.version + 1)
    tx.store(PostStore).save(ended, post.version)
    tx.outbox.add(PostEnded(**facts_of(ended)), subject=ended.post_id, sequence=ended.version)
    return ended


def _at(successor: Grid, post: Post, at: datetime, post_id: UUID) -> Post:
    """The post as it would go on at the succeeding grid."""
    return replace(
        post,
        post_id=post_id,
        place=Place(grid_id=successor.grid_id, grid_path=successor.path),
        valid=Interval(max(at, successor.valid_from, post.valid.start), post.valid.end),
        version=1,
    )


def _carried_on(tx: Transaction, carried: Post, grid: Grid, scheme: Scheme) -> Post | None:
    """The post made at the succeeding grid; None where it has no place there."""
    role = RoleType.of(scheme, carried.role_type)
    if role is None or grid.valid_to is not None or role.level not in {None, grid.level_id}:
        return None
    maximum = role.maximum_for(grid.unit_type, grid.name)
    try:
        check_vacancy(carried, tx.store(PostStore).beside(role.id, carried.place), maximum)
    except (PostHeldAlready, PostsFilled):
        return None
    tx.store(PostStore).add(carried)
    tx.outbox.add(PostAssigned(**facts_of(carried)), subject=carried.post_id, sequence=1)
    return carried
