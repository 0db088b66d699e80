"""Levels, unit types and the grids that divisions become."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest

from services.grid import templates
from services.grid.counties.domain import county_id_faults, name_faults
from services.grid.data import Division
from services.grid.divisions.domain import (
    Planned,
    code_fault,
    make_grids,
    place,
    unit_types,
    with_upper_codes,
)
from services.grid.tree.domain.grids import Grid
from services.grid.tree.domain.levels import Level, own_levels

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TOWNSHIP = Level("township", "township", ("township",), None)
VILLAGE = Level("village", "village", ("village",), None)


def new_ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def planned(code: str, level: Level = VILLAGE) -> Planned:
    return Planned(code, f"单位{code}", level, "village")


def made_of(codes: Sequence[str], existing: dict[str, Grid] | None = None) -> dict[str, Grid]:
    plans = [planned(code, TOWNSHIP if len(code) == 9 else VILLAGE) for code in codes]
    node = 1 + max((grid.node for grid in (existing or {}).values()), default=0)
    grids = make_grids(plans, existing or {}, first_node=node, new_id=new_ids(), since=NOW)
    return {grid.admin_code or "": grid for grid in grids}


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("430202", "district"),
        ("430223", "county"),
        ("430281", "county_city"),
        ("430223001", "street"),
        ("430223099", "street"),
        ("430223100", "town"),
        ("430223199", "town"),
        ("430223200", "township"),
        ("430223399", "township"),
        ("430223400", "township_like"),
        ("430223126001", "community"),
        ("430223126199", "community"),
        ("430223126200", "village"),
        ("430223126399", "village"),
        ("430223126400", "community_like"),
        ("430223126500", "village_like"),
    ],
)
def test_a_code_says_what_kind_of_unit_it_is(code: str, word: str) -> None:
    assert unit_types(code)[0] == word


@pytest.mark.parametrize(
    ("code", "unit_types_of_level", "word"),
    [
        ("430223126001", ("village", "residents_committee"), "residents_committee"),
        ("430223126001", ("community",), "community"),
        ("430223126001", ("village",), "community"),
        ("430223126200", ("administrative_village",), "administrative_village"),
        ("430223126500", ("village",), "village"),
        ("430223126500", (), "village_like"),
    ],
)
def test_the_county_s_own_word_for_a_unit_is_kept(
    code: str, unit_types_of_level: tuple[str, ...], word: str
) -> None:
    level = Level("v", "village", unit_types_of_level, None)

    found = place(Division(code, "单位", "village", code[:9]), [TOWNSHIP, level])

    assert found == Planned(code, "单位", level, word)


@pytest.mark.requirement("R-GRID-06")
def test_units_of_several_types_share_a_level() -> None:
    level = Level("t", "township", ("street", "town", "township", "park"), None)
    codes = ("430223001", "430223102", "430223200", "430223400")

    found = [place(Division(code, "单位", "township", "430223"), [level]) for code in codes]

    assert [plan and plan.unit_type for plan in found] == ["street", "town", "township", "park"]
    assert {plan and plan.level for plan in found} == {level}


def test_of_two_levels_with_one_rank_the_one_that_lists_the_unit_type_takes_it() -> None:
    streets = Level("streets", "township", ("street",), None)
    towns = Level("towns", "township", ("town", "township"), None)

    def level_of(code: str) -> str | None:
        found = place(Division(code, "单位", "township", "430223"), [streets, towns, VILLAGE])
        return found and found.level.level_id

    assert level_of("430223001") == "streets"
    assert level_of("430223102") == "towns"
    assert level_of("430223400") == "streets"


def test_a_division_without_a_level_of_its_rank_has_no_grid() -> None:
    assert place(Division("430223", "攸县", "county", "4302"), [TOWNSHIP, VILLAGE]) is None


@pytest.mark.requirement("R-GRID-01")
def test_a_level_is_found_by_rank_whatever_its_number() -> None:
    numbers = {}
    for summary in templates.templates():
        document = templates.template(summary.id)
        level = next((own for own in own_levels(document) if own.rank == "township"), None)
        if level:
            found = place(Division("430223126", "宁家坪镇", "township", "430223"), [level])
            assert found
            assert found.level == level
            stated = {entry["id"]: entry["number"] for entry in document["levels"]}
            numbers[summary.id] = stated[level.level_id]

    assert {1, 2, 3, None} <= set(numbers.values())


def test_levels_above_the_county_are_not_its_own() -> None:
    assert [level.level_id for level in own_levels(templates.template("S01"))] == [
        "township",
        "village",
    ]


def test_a_grid_hangs_below_the_nearest_division_that_has_one() -> None:
    made = made_of(["430223126001", "430223126", "430223200007"])

    town, below = made["430223126"], made["430223126001"]
    assert (town.node, town.path, town.parent_id) == (1, "1.", None)
    assert (below.path, below.parent_id) == (f"1.{below.node}.", town.grid_id)
    assert made["430223200007"].parent_id is None
    assert sorted(grid.node for grid in made.values()) == [1, 2, 3]


def test_what_exists_is_a_parent_too() -> None:
    existing = made_of(["430223126"])

    made = made_of(["430223126001"], existing)

    assert made["430223126001"].path == "1.2."
    assert made["430223126001"].parent_id == existing["430223126"].grid_id


def test_upper_codes_stay_within_the_county() -> None:
    assert with_upper_codes(["430223126001"]) == {"430223", "430223126", "430223126001"}
    assert with_upper_codes(["430223"]) == {"430223"}


@pytest.mark.parametrize("code", ["", "4302", "43022x", "4302231260", "４３０２２３"])
def test_a_malformed_code_is_told_its_form(code: str) -> None:
    fault = code_fault(code, "430223", {"430223"})

    assert fault is not None
    assert "6, 9 or 12 digits" in fault.en


def test_a_code_must_be_the_county_s_and_known() -> None:
    known = {"430223", "430223126"}

    assert code_fault("430223126", "430223", known) is None
    outside, unknown = (code_fault(c, "430223", known) for c in ("430224", "430223999"))
    assert outside is not None
    assert "430223" in outside.zh
    assert unknown is not None
    assert "430223999" in unknown.zh


@pytest.mark.parametrize("county_id", ["430223", "you-xian", "t1_b", "a" * 32])
def test_a_plain_county_id_is_taken(county_id: str) -> None:
    assert county_id_faults(county_id) == []


@pytest.mark.parametrize(
    "county_id", ["", "a", "city", "A1", "_a", "a b", "a" * 33, "县城", "ab\n"]
)
def test_an_odd_county_id_is_refused(county_id: str) -> None:
    assert [fault.pointer for fault in county_id_faults(county_id)] == ["/county_id"]


@pytest.mark.parametrize("name", ["", " ", "县\n名", "县" * 101, "a\x00b"])
def test_a_name_is_one_line(name: str) -> None:
    assert [fault.pointer for fault in name_faults(name)] == ["/name"]
