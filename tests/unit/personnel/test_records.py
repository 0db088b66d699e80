"""The rules of groups, letters, certificates and rows, one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.personnel.certificates import domain as certificates
from services.personnel.certificates.domain import Certificate, State, StepKind, StepNotAllowed
from services.personnel.common.domain.checks import Faults
from services.personnel.common.rows import People
from services.personnel.groups.domain import groups
from services.personnel.groups.domain.groups import Group, GroupDetails, Kind, RecordOver
from services.personnel.groups.domain.members import (
    ChairsTaken,
    Member,
    MemberTwice,
    SeatKind,
    SeatTaken,
    check_seat,
)
from services.personnel.pledges.domain import letters, rounds
from services.personnel.posts.domain.posts import Interval
from shared.errors import InvalidArgument
from shared.rows import Outcome, Row
from shared.structure.scheme import Scheme
from shared.structure.store import Grid

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 3, 5)


def scheme_of(**leading_group: Any) -> Scheme:
    return Scheme(1, {"staffing": {"leading_group": leading_group}})


def group_of(kind: Kind = Kind.LEADING_GROUP, **about: Any) -> Group:
    details = GroupDetails(name="领导小组", **about)
    return Group(uuid4(), kind, details, None, None, None, (), Interval(NOW, None), 1)


def member_of(seat: SeatKind, start: int = 0, end: int | None = None, **who: Any) -> Member:
    given = {"person_id": uuid4(), "department_id": None, "body": None, **who}
    valid = Interval(NOW + start * DAY, None if end is None else NOW + end * DAY)
    return Member(
        member_id=uuid4(), group_id=uuid4(), seat=seat, title="", source=None, valid=valid,
        version=1, **given,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "about", "scheme", "expected"),
    [
        (Kind.LEADING_GROUP, {}, None, ("", 1)),
        (Kind.LEADING_GROUP, {}, scheme_of(chair="镇长", chairs=None), ("镇长", 1)),
        (Kind.LEADING_GROUP, {}, scheme_of(chair="书记、乡长", chairs=2), ("书记、乡长", 2)),
        (Kind.LEADING_GROUP, {"chairs": 1}, scheme_of(chair="书记、乡长", chairs=2), ("书记、乡长", 1)),
        (Kind.LEADING_GROUP, {"chair_rule": "支书"}, scheme_of(chair="镇长"), ("支书", 1)),
        (Kind.MANAGEMENT_GROUP, {}, scheme_of(chair="书记、乡长", chairs=2), ("", 1)),
        (Kind.MANAGEMENT_GROUP, {"chairs": 2}, None, ("", 2)),
    ],
)  # fmt: skip
def test_the_chair_rule_is_the_group_s_own_and_else_the_scheme_s(
    kind: Kind, about: dict, scheme: Scheme | None, expected: tuple[str, int]
) -> None:
    rule = groups.chair_rule(group_of(kind, **about), scheme)

    assert (rule.words, rule.allowed) == expected


def test_chairs_are_counted_where_their_times_meet() -> None:
    chair = SeatKind.CHAIR
    one, two = member_of(chair, 0, 10), member_of(chair, 10)

    check_seat(member_of(chair, 0), [one, two], 2)
    check_seat(member_of(chair, 0, 10), [two], 1)
    with pytest.raises(ChairsTaken):
        check_seat(member_of(chair, 9), [one, two], 1)
    with pytest.raises(ChairsTaken):
        check_seat(member_of(chair), [one, member_of(chair, 9, 12)], 2)


def test_a_seat_of_the_office_is_for_one_who_may_be_a_member_too() -> None:
    someone = uuid4()
    deputy = member_of(SeatKind.DEPUTY, person_id=someone)
    director = member_of(SeatKind.OFFICE_DIRECTOR, person_id=someone)

    check_seat(director, [deputy], 1)
    check_seat(member_of(SeatKind.DAILY_CONTACT, person_id=someone), [deputy, director], 1)
    with pytest.raises(SeatTaken):
        check_seat(member_of(SeatKind.OFFICE_DIRECTOR), [deputy, director], 1)
    with pytest.raises(MemberTwice):
        check_seat(member_of(SeatKind.MEMBER, person_id=someone), [deputy], 1)
    station = {"person_id": None, "body": "派出所"}
    with pytest.raises(MemberTwice):
        check_seat(
            member_of(SeatKind.MEMBER, **station), [member_of(SeatKind.MEMBER, **station)], 1
        )


def test_an_end_comes_after_the_start_and_is_only_brought_forward() -> None:
    open_end, planned = Interval(NOW - DAY, None), Interval(NOW - DAY, NOW + DAY)

    assert groups.cut(open_end, NOW, NOW) == Interval(NOW - DAY, NOW)
    for valid, at in ((open_end, NOW - 2 * DAY), (planned, NOW + 2 * DAY)):
        with pytest.raises(InvalidArgument):
            groups.cut(valid, at, NOW)
    with pytest.raises(RecordOver):
        groups.cut(planned, NOW, NOW + DAY)


def grid(path: str, level: str, **given: Any) -> Grid:
    return Grid(
        grid_id=uuid4(), version=1, parent_id=None, path=path, level_id=level, rank=level,
        unit_type=level, name=path, admin_code=None, valid_from=NOW - DAY,
        valid_to=given.get("valid_to"),
    )  # fmt: skip


def test_the_upper_side_is_the_nearest_grid_of_the_level() -> None:
    village, near = grid("1.2.3.", "village"), grid("1.2.", "zone")
    above = [grid("1.", "zone"), near, grid("10.", "zone"), village]

    assert letters.nearest_above(village, "zone", above) is near
    assert letters.nearest_above(village, "district", above) is None
    assert letters.nearest_above(village, "village", above) is None


def test_a_letter_s_hash_follows_every_word_of_it() -> None:
    wording = rounds.Wording(("零焚烧",), "奖", "罚")
    signing = rounds.Signing("village", "village.head", None, "county.leader")
    found = rounds.Round(
        uuid4(), 2026, "责任书", wording, None, None, (signing,), NOW, None, 1
    )  # fmt: skip
    village = grid("1.2.", "village")
    letter = letters.first_letter(found, village, "测试县", None)

    assert letter == letters.first_letter(found, village, "测试县", None)
    others = [
        letters.first_letter(replace(found, year=2027), village, "测试县", None),
        letters.first_letter(replace(found, title="其他"), village, "测试县", None),
        letters.first_letter(
            replace(found, wording=replace(wording, penalties="")), village, "测试县", None
        ),
        letters.first_letter(found, replace(village, name="新名"), "测试县", None),
        letters.first_letter(found, village, "另一县", None),
    ]
    assert len({letter.text_hash, *(each.text_hash for each in others)}) == 6
    assert found.covers(village, NOW)
    assert not found.covers(replace(village, valid_to=NOW), NOW)
    assert not found.covers(grid("1.", "township"), NOW)


def certificate(**given: Any) -> Certificate:
    details = {"issued_on": TODAY, "valid_until": None, **given}
    return Certificate(
        certificate_id=uuid4(), person_id=uuid4(), kind="执法证", number="A1", issuer="局",
        version=1, **details,
    )  # fmt: skip


def test_a_certificate_takes_only_the_steps_its_state_allows() -> None:
    def after(*steps: StepKind) -> Certificate:
        found = certificate()
        for step in steps:
            found = certificates.take_step(found, step, "原因", None, NOW)
        return found

    suspended, restored, revoked = StepKind
    assert after(suspended).state_on(TODAY) is State.SUSPENDED
    assert after(suspended, restored).state_on(TODAY) is State.VALID
    assert after(suspended, restored, suspended, revoked).state_on(TODAY) is State.REVOKED
    for steps in ((restored,), (suspended, suspended), (revoked, restored), (revoked, revoked)):
        with pytest.raises(StepNotAllowed):
            after(*steps)


def test_a_certificate_expires_when_its_last_day_is_over() -> None:
    found = certificate(valid_until=TODAY)

    assert found.state_on(TODAY) is State.VALID
    assert found.state_on(TODAY + DAY) is State.EXPIRED
    assert certificate().state_on(date(2999, 1, 1)) is State.VALID


@pytest.mark.parametrize("text", ["2026-2-3", "20260203", "2026-02-30", "1800-01-01", "x"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    faults = Faults()

    assert faults.day(text, "/day") is None
    with pytest.raises(InvalidArgument) as caught:
        faults.check()
    assert [each.pointer for each in caught.value.violations] == ["/day"]


def test_a_row_means_a_person_by_id_or_by_a_name_that_one_has() -> None:
    one, two, three = UUID(int=1), UUID(int=2), UUID(int=3)
    people = People({one: "甲"}, {"甲": [one], "乙": [two, three]})

    def meant(**cells: str) -> tuple[UUID | None, list[str]]:
        outcome = Outcome()
        found = people.named_in(Row(2, cells), outcome)
        return found, [fault.column for fault in outcome.faults]

    assert meant(person_id=str(one)) == (one, [])
    assert meant(person_name="甲") == (one, [])
    assert meant(person_id=str(one), person_name="甲") == (one, [])
    assert meant(person_id=str(one), person_name="乙") == (None, ["person_name"])
    assert meant(person_id=str(two)) == (None, ["person_id"])
    assert meant(person_id="?") == (None, ["person_id"])
    assert meant(person_name="乙") == (None, ["person_name"])
    assert meant(person_name="丙") == (None, ["person_name"])
    assert meant() == (None, ["person_id"])
