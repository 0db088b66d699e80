"""Recording leave, ending it, and reading it."""

from datetime import datetime
from uuid import UUID

from services.personnel.absences.domain import (
    Asked,
    Known,
    Leave,
    LeaveEnded,
    LeaveRecorded,
    absences,
    end_leave,
    make_leave,
    stood_in_for,
)
from services.personnel.people.usecases.people import STAFF
from services.personnel.ports import PersonnelTransaction
from services.personnel.posts.domain.posts import READ, Interval, Post, Viewer
from services.personnel.posts.usecases.appointing import require_staff
from shared.errors import Aborted, PermissionDenied


def record_leave(tx: PersonnelTransaction, asked: Asked, now: datetime) -> Leave:
    """Record that a person will be away, and who stands in for each of their posts.

    Raises InvalidArgument naming every fault, PermissionDenied where the caller's staff capability
    reaches one of the posts not.
    """
    tx.leaves.serialise()
    known = _known(tx, asked)
    for post in known.posts:
        if post.person_id == asked.person_id:
            require_staff(tx, post.place)
    leave = make_leave(asked, known, now)
    if not tx.people.is_within(leave.person_id, Viewer.of(tx.context, STAFF)):
        raise PermissionDenied(capability=STAFF)
    tx.leaves.add(leave)
    for absence in absences(leave):
        tx.outbox.add(LeaveRecorded(absence), subject=leave.leave_id, sequence=leave.version)
    return leave


def finish_leave(
    tx: PersonnelTransaction,
    leave_id: UUID,
    at: datetime | None,
    expected_version: int,
    now: datetime,
) -> Leave:
    """End a leave early, or cancel one that has not begun; ``expected_version`` 0 expects none.

    Raises LeaveNotFound, PermissionDenied, Aborted, LeaveOver, InvalidArgument.
    """
    tx.leaves.serialise()
    leave = tx.leaves.get(leave_id)
    if not tx.people.is_within(leave.person_id, Viewer.of(tx.context, STAFF)):
        raise PermissionDenied(capability=STAFF)
    if expected_version and expected_version != leave.version:
        raise Aborted(expected=expected_version, actual=leave.version)
    ended = end_leave(leave, at, now)
    tx.leaves.save(ended, leave.version)
    for absence in absences(ended):
        tx.outbox.add(LeaveEnded(absence), subject=ended.leave_id, sequence=ended.version)
    return ended


def list_leaves(
    tx: PersonnelTransaction,
    person_id: UUID | None,
    moment: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Leave]:
    """Leave of the people whom the caller may read of, and the caller's own, oldest first."""
    viewer = Viewer.of(tx.context, READ)
    return tx.leaves.page(viewer, person_id=person_id, moment=moment, after=after, limit=limit)


def stands_in_for(tx: PersonnelTransaction, person_id: UUID, now: datetime) -> list[Post]:
    """Posts of others that the person answers for now, each ending with the absence."""
    posts = tx.leaves.posts_given_to(person_id, now)
    return stood_in_for(person_id, posts, tx.leaves.away(posts, now), now)


def _known(tx: PersonnelTransaction, asked: Asked) -> Known:
    people = tx.people.known({asked.person_id, *asked.stand_in_ids})
    if asked.start is None or asked.end is None or asked.end <= asked.start:
        return Known((), people, ())
    within = Interval(asked.start, asked.end)
    return Known(
        tx.leaves.posts_within(asked.person_id, within), people, tx.leaves.meeting(people, within)
    )
