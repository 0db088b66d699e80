"""Recording leave, ending it, and reading it."""

from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import (
    Leave,
    LeaveContext,
    LeaveRequest,
    absences,
    end_leave,
    make_leave,
    stood_in_for,
)
from services.personnel.absences.store import LeaveStore
from services.personnel.posts.domain.posts import READ, Interval, Post, Viewer
from services.personnel.posts.usecases.permissions import STAFF, may_staff, require_staff
from services.personnel.roster.store import RosterStore
from shared.contracts.personnel import LeaveEnded, LeaveRecorded
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied, require_version
from shared.paging import Page, PageRequest


def record_leave(tx: Transaction, asked: LeaveRequest, now: datetime) -> Leave:
    """Record that a person will be away, and who stands in for each of their posts.

    Raises InvalidArgument naming every fault, PermissionDenied where the caller's staff capability
    does not reach one of the posts.
    """
    tx.store(LeaveStore).lock()
    known = _known(tx, asked)
    for post in known.posts:
        if post.person_id == asked.person_id:
            require_staff(tx, post.place)
    leave = make_leave(asked, known, now)
    if not may_staff(tx, leave.person_id):
        raise PermissionDenied(capability=STAFF)
    tx.store(LeaveStore).add(leave)
    for recorded in absences(leave, LeaveRecorded):
        tx.outbox.add(recorded, subject=leave.leave_id, sequence=leave.version)
    return leave


def finish_leave(
    tx: Transaction,
    leave_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Leave:
    """End a leave early, or cancel one that has not begun; ``expected_version`` 0 expects none.

    Raises LeaveNotFound, PermissionDenied, Aborted, LeaveOver, InvalidArgument.
    """
    tx.store(LeaveStore).lock()
    leave = tx.store(LeaveStore).get(leave_id)
    if not may_staff(tx, leave.person_id):
        raise PermissionDenied(capability=STAFF)
    require_version(expected_version, leave.version)
    ended = end_leave(leave, at, now)
    tx.store(LeaveStore).save(ended, leave.version)
    for told in absences(ended, LeaveEnded):
        tx.outbox.add(told, subject=ended.leave_id, sequence=ended.version)
    return ended


def list_leaves(
    tx: Transaction,
    person_id: UUID | None,
    moment: datetime | None,
    asked: PageRequest,
) -> Page[Leave]:
    """Leave of the people whose records the caller may read, and the caller's own, oldest first."""
    viewer = Viewer.of(tx.context, READ)
    return tx.store(LeaveStore).page(viewer, person_id=person_id, moment=moment, asked=asked)


def stands_in_for(tx: Transaction, person_id: UUID, now: datetime) -> list[Post]:
    """Posts of others that the person answers for now, each ending with the absence."""
    posts = tx.store(LeaveStore).posts_given_to(person_id, now)
    return stood_in_for(person_id, posts, tx.store(LeaveStore).away(posts, now), now)


def _known(tx: Transaction, asked: LeaveRequest) -> LeaveContext:
    people = frozenset(tx.store(RosterStore).names({asked.person_id, *asked.stand_in_ids}))
    if asked.start is None or asked.end is None or asked.end <= asked.start:
        return LeaveContext((), people, ())
    within = Interval(asked.start, asked.end)
    return LeaveContext(
        tx.store(LeaveStore).posts_within(asked.person_id, within),
        people,
        tx.store(LeaveStore).meeting(people, within),
    )
