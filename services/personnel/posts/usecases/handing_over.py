"""Changes of holder, and what a post is about."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import local_day
from services.personnel.posts.domain import fitting
from services.personnel.posts.domain.posts import (
    Interval,
    Post,
    PostOver,
    Terms,
    check_area,
    end,
    facts_of,
    handed_over,
    make_post,
)
from services.personnel.posts.store.posts import PostStore
from services.personnel.posts.usecases.appointing import appoint, held_post
from services.personnel.posts.usecases.vacancies import look_at_posts
from services.personnel.roster.store import RosterStore
from shared.contracts.personnel import PostEnded
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation
from shared.structure.store import Structure

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
class HandOver:
    """A request to hand over: which post goes to whom, and when."""

    post_id: UUID
    successor_id: UUID
    new_post_id: UUID
    at: datetime | None
    expected_version: int


def hand_over(tx: Transaction, asked: HandOver, clock: Clock) -> tuple[Post, Post]:
    """End a post and appoint the successor at the same place and moment.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, InvalidArgument, PostHeldAlready,
    PostsFilled, AreaTaken.
    """
    post = held_post(tx, asked.post_id, asked.expected_version)
    now = clock()
    grid = None if post.place.grid_id is None else tx.store(Structure).grid(post.place.grid_id)
    scheme = tx.store(Structure).scheme_at(tx.store(Structure).scheme_on(local_day(tx, now)), grid)
    role = fitting.role_of(scheme, post.role_type)
    at = asked.at or now
    _check_successor(tx, post, asked.successor_id, at, now)
    ended = end(post, at, now)
    tx.store(PostStore).save(ended, post.version)
    tx.outbox.add(PostEnded(**facts_of(ended)), subject=ended.post_id, sequence=ended.version)
    valid = Interval(at, post.valid.end)
    terms = replace(post.terms, basis="")  # the paper named somebody else
    after = make_post(asked.new_post_id, asked.successor_id, role, post.place, valid, terms)
    appoint(tx, after, role, grid, now)
    look_at_posts(tx, [ended], now)
    handed = handed_over(ended, after)
    tx.outbox.add(handed, subject=after.post_id, sequence=after.version)
    return ended, after


def describe_post(
    tx: Transaction, post_id: UUID, terms: Terms, expected_version: int, clock: Clock
) -> Post:
    """Change what a post is about.

    Raises PostNotFound, PermissionDenied, Aborted, PostOver, AreaTaken.
    """
    post = held_post(tx, post_id, expected_version)
    now = clock()
    if post.valid.end is not None and post.valid.end <= now:
        raise PostOver(end=post.valid.end.isoformat())
    described = replace(post, terms=terms, version=post.version + 1)
    tx.store(PostStore).save(described, post.version)
    check_area(described, tx.store(PostStore).beside(post.role_type, post.place))
    return described


def _check_successor(
    tx: Transaction, post: Post, successor_id: UUID, at: datetime, now: datetime
) -> None:
    faults = []
    if successor_id == post.person_id:
        faults.append(Violation("/person_id", SAME_PERSON))
    elif not tx.store(RosterStore).names([successor_id]):
        faults.append(Violation("/person_id", fitting.UNKNOWN_PERSON))
    if at <= post.valid.start:
        faults.append(Violation("/at", BAD_AT.format(start=post.valid.start.isoformat())))
    if at > now:
        faults.append(Violation("/at", TO_COME))
    if faults:
        raise InvalidArgument(faults)
