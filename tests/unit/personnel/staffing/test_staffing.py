"""The rules of vacancies and of the staffing check."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.grid.schemes.document import vocabulary
from services.personnel.absences.domain import Cover
from services.personnel.posts.domain.posts import (
    AreaTaken,
    Interval,
    Place,
    Terms,
    check_area,
)
from services.personnel.posts.domain.vacancies import (
    Changes,
    Requirement,
    reconcile,
    requirements,
)
from services.personnel.staffing.domain import (
    STANDINGS,
    Answering,
    FindingKind,
    Standing,
    TotalState,
    check,
    gaps_of,
    standing_of,
    total_of,
)
from shared.structure.scheme import Scheme
from shared.structure.store import Grid
from tests.unit.personnel.posts.test_posts import a_post

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
IDS = [UUID(int=n) for n in range(1, 9)]


def day(number: float) -> datetime:
    return T0 + timedelta(days=number)


def unit(number: int, level: str = "village", name: str = "测试村", kind: str = "village") -> Grid:
    return Grid(
        IDS[number], 1, None, f"3.{number}.", level, level, kind, name, None, T0, None
    )  # fmt: skip


def a_scheme(*roles: dict[str, Any], departments: tuple[str, ...] = ()) -> Scheme:
    entries = [{"title": "岗位", "kind": "direct", "at": "grid", **entry} for entry in roles]
    named = [{"id": each, "name": each} for each in departments]
    return Scheme(1, {"role_types": entries, "departments": named})


def wanted(minimum: int | None, maximum: int | None = None, number: int = 1) -> Requirement:
    [found] = requirements(
        a_scheme({"id": "v.direct", "min": minimum, "max": maximum}), [unit(number)]
    )
    return found


def look(requirement: Requirement, count: int, known: Changes, at: float) -> Changes:
    vacancies = {each.key: each for each in (*known.begun, *known.renumbered)}
    return reconcile([requirement], {requirement.key: count}, vacancies, day(at), uuid4)


def test_a_role_counts_on_its_level_in_every_department_and_at_the_county() -> None:
    scheme = a_scheme(
        {"id": "v", "level": "village", "min": 1},
        {"id": "any", "max": 2},
        {"id": "d", "at": "department", "min": 1},
        {"id": "c", "at": "county", "min": 1},
        {"id": "unbounded"},
        departments=("ecology", "police"),
    )

    found = requirements(scheme, [unit(1), unit(2, "township")])

    assert [(each.role.id, each.place.grid_id, each.place.department_id) for each in found] == [
        ("v", IDS[1], None),
        ("any", IDS[1], None),
        ("any", IDS[2], None),
        ("d", None, "ecology"),
        ("d", None, "police"),
        ("c", None, None),
    ]


def test_a_unit_s_own_number_goes_before_its_type_s() -> None:
    overrides = [{"unit_type": "street", "min": 3}, {"unit": "高新区", "min": 0}]
    scheme = a_scheme({"id": "v", "min": 1, "overrides": overrides})
    units = [unit(1), unit(2, kind="street"), unit(3, name="高新区", kind="street")]

    assert [each.minimum for each in requirements(scheme, units)] == [1, 3, 0]


def test_a_vacancy_begins_changes_and_ends_once() -> None:
    rule = wanted(2)

    begun = look(rule, 0, Changes(), 1)
    same = look(rule, 0, begun, 2)
    fewer = look(rule, 1, begun, 3)
    ended = look(rule, 2, fewer, 4)

    [vacancy] = begun.begun
    assert (vacancy.required, vacancy.holders, vacancy.since) == (2, 0, day(1))
    assert same == Changes()
    assert [(each.holders, each.version) for each in fewer.renumbered] == [(1, 2)]
    assert [(each.until, each.version) for each in ended.ended] == [(day(4), 3)]


def test_a_vacancy_ended_by_what_is_told_late_ends_no_earlier_than_it_began() -> None:
    begun = look(wanted(1), 0, Changes(), 5)

    assert [each.until for each in look(wanted(1), 1, begun, 2).ended] == [day(5)]


def test_a_place_of_which_nothing_is_asked_any_more_is_not_vacant() -> None:
    begun = look(wanted(1), 0, Changes(), 1)
    known = {each.key: each for each in begun.begun}

    assert [each.until for each in reconcile([], {}, known, day(2), uuid4).ended] == [day(2)]


@pytest.mark.parametrize(
    ("bounds", "count", "kind", "english"),
    [
        ((1, None), 0, FindingKind.TOO_FEW, "'岗位' has 0 of at least 1."),
        ((2, 2), 1, FindingKind.TOO_FEW, "'岗位' has 1 of exactly 2."),
        ((None, 1), 2, FindingKind.TOO_MANY, "'岗位' has 2 of at most 1."),
        ((1, 1), 2, FindingKind.TOO_MANY, "'岗位' has 2 of exactly 1: too many."),
        ((1, 3), 2, None, ""),
        ((0, None), 0, None, ""),
    ],
)
def test_too_few_and_too_many_are_said_with_the_bound(
    bounds: tuple, count: int, kind: FindingKind | None, english: str
) -> None:
    rule = wanted(*bounds)

    [tally], findings = check([rule.role], [rule], {rule.key: count}, [unit(1)])

    assert [(each.kind, each.reason.en) for each in findings] == ([(kind, english)] if kind else [])
    assert (tally.too_few, tally.too_many) == (
        int(kind is FindingKind.TOO_FEW),
        int(kind is FindingKind.TOO_MANY),
    )


@pytest.mark.parametrize(
    ("entry", "posted", "state"),
    [
        ({"count": 2, "role_types": ["a", "b"]}, 2, TotalState.MET),
        ({"count": 3, "role_types": ["a", "b"]}, 2, TotalState.TOO_FEW),
        ({"count": 1, "role_types": ["a", "b"]}, 2, TotalState.TOO_MANY),
        ({"count": None, "role_types": ["a"]}, 1, TotalState.NOT_STATED),
        ({"count": 7, "role_types": []}, None, TotalState.NOT_STATED),
        ({"count": 0, "role_types": ["nobody"]}, 0, TotalState.MET),
    ],
)
def test_a_head_count_counts_each_person_once(
    entry: dict, posted: int | None, state: TotalState
) -> None:
    people = {"a": {IDS[1]}, "b": {IDS[1], IDS[2]}}

    total = total_of({"title": "监管员", **entry}, people)

    assert (total.posted, total.state) == (posted, state)
    assert total.reason.en != total.reason.zh


def answering(number: int, *, uncovered: bool = False) -> Answering:
    post = a_post(
        person_id=IDS[number], role_type="v.direct", place=Place(IDS[1], "3.1.")
    )  # fmt: skip
    return Answering(post, "测试员", "测试村", Cover(None, day(9)) if uncovered else None)


def test_a_gap_is_too_few_holders_or_too_few_of_them_covered() -> None:
    rule = wanted(1)

    assert [gap.post for gap in gaps_of([rule], [])] == [None]
    assert gaps_of([rule], [answering(2)]) == []
    alone = answering(2, uncovered=True)
    assert [gap.post for gap in gaps_of([rule], [alone])] == [alone.post]
    assert gaps_of([rule], [alone, answering(3)]) == []
    assert gaps_of([wanted(None, 1)], []) == []


def test_every_kind_with_a_standing_is_one_of_the_scheme_s() -> None:
    assert set(STANDINGS) <= set(vocabulary.ROLE_KINDS)
    assert standing_of("volunteer") is Standing.SUPPORT


def test_a_patch_has_one_owner_at_a_time() -> None:
    def owner(
        area: str, start: float, until: float | None = None, kind: str = "patch_owner"
    ) -> Any:
        return replace(a_post(start, until, role_kind=kind), terms=Terms(area=area))

    check_area(owner("东片", 0), [owner("西片", 0), owner("东片", -9, 0)])
    check_area(owner("", 0), [owner("", 0)])
    check_area(owner("东片", 0, kind="manager"), [owner("东片", 0, kind="manager")])
    with pytest.raises(AreaTaken):
        check_area(owner("东片", 0), [owner("东片", 3)])
    same = owner("东片", 0)
    check_area(same, [same])
    assert same.valid == Interval(day(0), None)
