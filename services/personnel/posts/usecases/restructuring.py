"""Posts on a grid that was split, merged or retired end with it, and may go on at its heir."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.personnel.common.scheme import local_day
from services.personnel.posts.domain.posts import (
    Interval,
    Place,
    Post,
    PostAssigned,
    PostEnded,
    PostHeldAlready,
    PostsFilled,
    RoleType,
    check_vacancy,
)
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.store.restructuring import GridPostStore
from services.personnel.posts.usecases.vacancies import look_at_post
from shared.db.transaction import Transaction
from shared.structure.restructuring import ENDING, await_restructured
from shared.structure.scheme import Scheme
from shared.structure.store import Grid, Structure


def follow_restructuring(
    tx: Transaction,
    data: Mapping[str, Any],
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    """End the posts of grids that ended, at that moment; where asked, let holders go on.

    A post goes on where its role type fits the heir and has room there, the longest held first;
    one that was to begin later is cancelled likewise. Raises StructureNotYetKnown while the grids'
    own events have not all arrived.
    """
    if data["kind"] not in ENDING:
        return
    await_restructured(tx.store(Structure), data)
    at = data["effective_at"]
    heirs = {
        heir["from_id"]: tx.store(Structure).awaited_grid(heir["to_id"]) for heir in data["heirs"]
    }
    scheme = tx.store(Structure).scheme_on(local_day(tx, now))
    ends = []
    for post in tx.store(GridPostStore).open_on(data["predecessors"], at):
        _end(tx, post, max(at, post.valid.start), now)
        heir = heirs.get(post.place.grid_id) if data["carry_posts"] else None
        carried = _carried(post, heir, at, new_id()) if heir else None
        goes_on = heir and carried and _appoint(tx, carried, heir, scheme, now)
        ends.append(
            {
                "post_id": post.post_id,
                "change_id": data["change_id"],
                "reason": data["kind"],
                "ended_at": max(at, post.valid.start),
                "carried_to": carried.post_id if carried and goes_on else None,
            }
        )
    if ends:
        tx.store(GridPostStore).note_ends(ends)


def _end(tx: Transaction, post: Post, at: datetime, now: datetime) -> None:
    valid = Interval(post.valid.start, at)
    ended = replace(post, valid=valid, version=post.version + 1)
    tx.store(PostStore).save(ended, post.version)
    tx.outbox.add(PostEnded(ended), subject=ended.post_id, sequence=ended.version)
    look_at_post(tx, ended, now)


def _carried(post: Post, heir: Grid, at: datetime, post_id: UUID) -> Post:
    """The post as it would go on at the heir."""
    return replace(
        post,
        post_id=post_id,
        place=Place(grid_id=heir.grid_id, grid_path=heir.path),
        valid=Interval(max(at, heir.valid_from, post.valid.start), post.valid.end),
        version=1,
    )


def _appoint(tx: Transaction, carried: Post, heir: Grid, scheme: Scheme, now: datetime) -> bool:
    """Make the post at the heir; whether it has a place there."""
    role = RoleType.of(scheme, carried.role_type)
    if role is None or heir.valid_to is not None or role.level not in {None, heir.level_id}:
        return False
    maximum = role.maximum_for(heir.unit_type, heir.name)
    try:
        check_vacancy(carried, tx.store(PostStore).beside(role.id, carried.place), maximum)
    except (PostHeldAlready, PostsFilled):
        return False
    tx.store(PostStore).add(carried)
    tx.outbox.add(PostAssigned(carried), subject=carried.post_id, sequence=1)
    look_at_post(tx, carried, now)
    return True
