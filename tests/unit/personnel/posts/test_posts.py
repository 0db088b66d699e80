"""The rules of posts: intervals, vacancies, ends, and what posts entitle to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.personnel.posts.domain.posts import (
    Interval,
    Place,
    Post,
    PostHeldAlready,
    PostOver,
    PostsFilled,
    RoleType,
    check_vacancy,
    end,
    entitlements,
    make_post,
    most_at_once,
)
from shared.errors import InvalidArgument
from shared.structure.scheme import Scheme

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
VILLAGE = Place(grid_id=UUID(int=1), grid_path="3.41.")


def day(number: float) -> datetime:
    return T0 + timedelta(days=number)


def interval(start: float, until: float | None = None) -> Interval:
    return Interval(day(start), None if until is None else day(until))


def a_post(start: float = 0, until: float | None = None, **given: Any) -> Post:
    fields = {
        "post_id": uuid4(),
        "person_id": uuid4(),
        "role_type": "village.patroller",
        "role_kind": "patroller",
        "title": "网格员",
        "capabilities": ("patrol", "read"),
        "place": VILLAGE,
        "valid": interval(start, until),
        "version": 1,
    }
    return Post(**{**fields, **given})


def a_scheme(**roles: list[str]) -> Scheme:
    entries = [
        {"id": name.replace("_", "."), "title": name, "kind": name, "at": "grid",
         "capabilities": capabilities}
        for name, capabilities in roles.items()
    ]  # fmt: skip
    return Scheme(1, {"role_types": entries})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (interval(0), interval(5), True),
        (interval(0, 5), interval(5), False),
        (interval(0, 5), interval(4, 6), True),
        (interval(6, 9), interval(0, 5), False),
        (interval(0, 9), interval(3, 4), True),
        (interval(0, 9), interval(3, 3), False),
        (interval(3, 3), interval(3, 3), False),
    ],
)
def test_intervals_meet_where_some_moment_lies_in_both(
    one: Interval, other: Interval, *, expected: bool
) -> None:
    assert one.overlaps(other) is expected
    assert other.overlaps(one) is expected


def test_an_end_is_no_longer_within() -> None:
    assert interval(0, 5).holds_at(day(0))
    assert not interval(0, 5).holds_at(day(5))
    assert not interval(0, 5).holds_at(day(-1))
    assert interval(0).holds_at(day(9999))


def test_holders_one_after_the_other_are_never_two_at_once() -> None:
    posts = [a_post(0, 5), a_post(5, 9), a_post(9)]

    assert most_at_once(interval(0), posts) == 1
    assert most_at_once(interval(0), [*posts, a_post(8, 10)]) == 2
    assert most_at_once(interval(0, 8), [*posts, a_post(8, 10)]) == 1
    assert most_at_once(interval(0), []) == 0


def test_a_vacancy_is_refused_with_the_count_of_holders() -> None:
    beside = [a_post(0, 5), a_post(2)]

    with pytest.raises(PostsFilled) as caught:
        check_vacancy(a_post(3), beside, 2)
    assert caught.value.metadata["holders"] == "2"
    check_vacancy(a_post(5), beside, 2)
    check_vacancy(a_post(3), beside, 3)
    check_vacancy(a_post(3), beside, None)


def test_a_post_cancelled_before_it_began_is_in_nobody_s_way() -> None:
    person_id = uuid4()

    check_vacancy(a_post(person_id=person_id), [a_post(3, 3, person_id=person_id)], 1)
    with pytest.raises(PostHeldAlready):
        check_vacancy(a_post(person_id=person_id), [a_post(3, 4, person_id=person_id)], None)


def test_the_scheme_s_number_for_a_unit_goes_before_its_type_s_and_the_role_s() -> None:
    entry = {
        "id": "township.direct", "title": "直接责任人", "kind": "direct", "at": "grid", "max": 2,
        "overrides": [
            {"unit_type": "street", "unit": None, "max": 3},
            {"unit_type": None, "unit": "高新区", "max": 1},
            {"unit_type": "town", "unit": None, "max": None},
        ],
    }  # fmt: skip
    role = RoleType.of(Scheme(1, {"role_types": [entry]}), "township.direct")
    assert role is not None

    assert role.maximum_for("township", "测试镇") == 2
    assert role.maximum_for("street", "测试街道") == 3
    assert role.maximum_for("street", "高新区") == 1
    assert role.maximum_for("town", "测试镇") == 2
    assert role.maximum_for(None, None) == 2


def test_reading_comes_with_every_post_once() -> None:
    role = RoleType("r", "标题", "kind", "grid", None, ("read", "patrol"), None)

    post = make_post(uuid4(), uuid4(), role, VILLAGE, interval(0))

    assert post.capabilities == ("read", "patrol")


def test_an_end_is_brought_forward_and_never_postponed() -> None:
    post = a_post(0, 10)

    assert end(post, day(4), day(5)).valid == interval(0, 4)
    assert end(post, day(8), day(5)).version == 2
    assert end(post, day(0), day(-1)).valid == interval(0, 0)
    for at in (day(11), day(-0.5)):
        with pytest.raises(InvalidArgument) as caught:
            end(post, at, day(5))
        assert [v.pointer for v in caught.value.violations] == ["/valid_to"]
    with pytest.raises(PostOver):
        end(post, day(10), day(10))


def test_posts_entitle_to_what_the_scheme_says_today_where_they_are() -> None:
    scheme = a_scheme(village_patroller=["patrol", "handle"], county_admin=["staff", "read"])
    posts = [
        a_post(),
        a_post(place=Place(department_id="ecology"), role_type="no.longer"),
        a_post(place=Place(), role_type="county.admin"),
    ]

    assert entitlements(posts, scheme) == {
        "handle": ("g:3.41.",),
        "patrol": ("g:3.41.",),
        "read": ("d:ecology", "g:"),
        "staff": ("g:",),
    }


def test_a_subtree_within_another_is_not_named() -> None:
    inner, beside = Place(UUID(int=2), "3.41.7."), Place(UUID(int=3), "3.410.")
    posts = [a_post(), a_post(place=inner), a_post(place=beside)]

    assert entitlements(posts, None)["patrol"] == ("g:3.41.", "g:3.410.")
