"""The rules of leave: who answers for a post while its holder is away, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.personnel.absences.domain import (
    Away,
    Cover,
    Leave,
    LeaveKind,
    LeaveOver,
    cover_of,
    end_leave,
    stood_in_for,
)
from services.personnel.posts.domain.posts import Interval
from shared.errors import InvalidArgument
from tests.unit.personnel.posts.test_posts import a_post

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POST, A, B, C = (UUID(int=n) for n in range(1, 5))


def day(number: float) -> datetime:
    return T0 + timedelta(days=number)


def away(person: UUID, until: float, stand_in: UUID | None = None) -> dict[UUID, Away]:
    return {person: Away(person, day(until), {POST: stand_in})}


def test_a_holder_who_is_there_needs_no_cover() -> None:
    assert cover_of(POST, A, {}) is None
    assert cover_of(POST, A, away(B, 5, C)) is None


def test_the_stand_in_answers_until_the_leave_ends() -> None:
    assert cover_of(POST, A, away(A, 5, B)) == Cover(B, day(5))


def test_a_post_handed_on_comes_to_who_is_there_until_the_first_of_them_is_back() -> None:
    assert cover_of(POST, A, away(A, 5, B) | away(B, 3, C)) == Cover(C, day(3))
    assert cover_of(POST, A, away(A, 5, B) | away(B, 9, C)) == Cover(C, day(5))


@pytest.mark.parametrize(
    "absent",
    [
        away(A, 5),
        {A: Away(A, day(5), {})},
        away(A, 5, B) | away(B, 9),
        away(A, 5, B) | away(B, 5, A),
    ],
)
def test_a_chain_that_ends_nowhere_leaves_the_post_uncovered(absent: dict[UUID, Away]) -> None:
    assert cover_of(POST, A, absent) == Cover(None, day(5))


def test_what_is_stood_in_for_ends_with_the_leave_or_the_post() -> None:
    post = a_post(0, post_id=POST, person_id=A)
    ending = a_post(0, 3, post_id=POST, person_id=A)
    absent = away(A, 5, B)

    [long], [short] = (stood_in_for(B, [each], absent, day(1)) for each in (post, ending))

    assert (long.valid, short.valid) == (Interval(day(1), day(5)), Interval(day(1), day(3)))
    assert stood_in_for(C, [post], absent, day(1)) == []


def a_leave(start: float, until: float) -> Leave:
    return Leave(UUID(int=9), A, LeaveKind.REST, Interval(day(start), day(until)), T0, 1)


def test_a_leave_s_end_comes_nearer_and_never_goes_farther() -> None:
    assert end_leave(a_leave(0, 9), None, day(4)).valid.end == day(4)
    assert end_leave(a_leave(5, 9), None, day(4)).valid.end == day(5)
    assert end_leave(a_leave(0, 9), day(8), day(4)).version == 2
    for at in (day(10), day(-1)):
        with pytest.raises(InvalidArgument):
            end_leave(a_leave(0, 9), at, day(4))
    for over in (a_leave(0, 4), a_leave(5, 5)):
        with pytest.raises(LeaveOver):
            end_leave(over, None, day(4))
