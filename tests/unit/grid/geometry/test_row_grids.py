"""Rows of a file of grids: what each asks for, and how they fit together."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid.geometry.domain import row_grids
from services.grid.geometry.domain.row_reading import Entry, Ladder, read_row
from services.grid.tree.domain.grids import Grid
from shared.rows import Row, RowFault

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TOWN, VILLAGE = "430223126", "430223126201"
KNOWN = {"430223", TOWN, VILLAGE, "430223126202", "430223127"}


def level(identifier: str, name: str, rank: str, *types: str, **given: bool) -> dict[str, Any]:
    made = {"id": identifier, "name": name, "rank": rank, "unit_types": list(types)}
    return {
        **made,
        "scope": "own",
        "optional": False,
        "skippable": False,
        "expected_count": None,
        **given,
    }


LADDER = Ladder.of({
    "levels": [
        level("county", "县级网格", "county", "county"),
        level("bureaus", "部门", "county_department", "department"),
        level("township", "镇级网格", "township", "town", "park"),
        level("village", "村级网格", "village", "village"),
        level("group", "组级网格", "village_group", "group"),
    ],
    "special_grids": {"carve_out_unit_types": ["park"]},
})  # fmt: skip


def rows(*cells: Mapping[str, str]) -> list[Row]:
    return [Row(number, given) for number, given in enumerate(cells, start=2)]


def read(*cells: Mapping[str, str]) -> tuple[list[Entry], list[RowFault]]:
    found = [read_row(row, LADDER, "430223", KNOWN) for row in rows(*cells)]
    return [e for e, _ in found if e], [fault for _, faults in found for fault in faults]


def planned(*cells: Mapping[str, str], grids: Sequence[Grid] = ()) -> row_grids.Plan:
    entries, faults = read(*cells)
    assert not faults
    return row_grids.plan(entries, grids, LADDER)


def faults_of(*cells: Mapping[str, str], grids: Sequence[Grid] = ()) -> list[tuple[int, str]]:
    faults = planned(*cells, grids=grids).faults
    assert all(fault.detail.en and not fault.detail.zh.isascii() for fault in faults)
    return [(fault.row, fault.column) for fault in faults]


def grid(name: str, path: str, level_id: str = "township", **given: Any) -> Grid:
    values: dict[str, Any] = {
        "grid_id": uuid4(),
        "node": int(path.rstrip(".").split(".")[-1]),
        "parent_id": None,
        "path": path,
        "level_id": level_id,
        "rank": level_id,
        "unit_type": "town",
        "name": name,
        "admin_code": None,
        "valid_from": NOW,
        "valid_to": None,
        "version": 1,
        "since": NOW,
    }
    return Grid(**{**values, **given})


COUNTY = grid("测试县", "1.", "county", admin_code="430223")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"level": "village"}, "name"),
        ({"name": "x" * 101, "level": "village"}, "name"),
        ({"name": "甲村"}, "level"),
        ({"name": "甲村", "level": "7"}, "level"),
        ({"name": "甲村", "level": "village", "code": "43022"}, "code"),
        ({"name": "甲村", "level": "village", "code": "430224126201"}, "code"),
        ({"name": "甲村", "level": "village", "code": "430223126299"}, "code"),
        ({"name": "甲村", "level": "village", "unit_type": "村"}, "unit_type"),
        ({"name": "甲村", "level": "village", "lon": "113"}, "lat"),
        ({"name": "甲村", "level": "village", "lat": "27"}, "lon"),
        ({"name": "甲村", "level": "village", "lon": "东经113", "lat": "27"}, "lon"),
        ({"name": "甲村", "level": "village", "lon": "nan", "lat": "27"}, "lon"),
        ({"name": "甲村", "level": "village", "lon": "27", "lat": "113"}, "lon"),
        ({"name": "甲村", "level": "village", "geometry": "POLYGON"}, "geometry"),
        ({"name": "甲村", "level": "village", "geometry": '{"type":"Point"}'}, "geometry"),
        ({"name": "甲村", "level": "village", "geometry": '{"type":"Line"}'}, "geometry"),
    ],
)
def test_a_cell_at_fault_is_named(cells: dict[str, str], column: str) -> None:
    _, (fault,) = read(cells)

    assert (fault.row, fault.column) == (2, column)
    assert fault.detail.en
    assert not fault.detail.zh.isascii()


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    _, faults = read({"level": "?", "code": "1", "lon": "x", "lat": "y", "geometry": "{"})

    assert [fault.column for fault in faults] == ["name", "code", "level", "lon", "lat", "geometry"]


@pytest.mark.parametrize("words", ["township", "镇级网格"])
def test_a_level_is_meant_by_its_id_or_the_countys_own_name(words: str) -> None:
    (entry,), _ = read({"name": "甲镇", "level": words})

    assert entry.rung.level_id == "township"
    assert entry.unit_type == "town"


def test_a_geometry_that_is_a_point_marks_the_grid() -> None:
    row = {
        "name": "甲村",
        "level": "village",
        "geometry": '{"type":"Point","coordinates":[113.5,27]}',
    }

    (entry,), _ = read(row)
    assert (entry.point, entry.shape) == ((113.5, 27), None)
    _, (fault,) = read({**row, "geometry": '{"type":"Point","coordinates":[27,113.5]}'})
    assert fault.column == "geometry"
    assert "latitude first" in fault.detail.en


@pytest.mark.parametrize(
    ("text", "start"),
    [("[]", "Give a GeoJSON"), ('{"type":"Polygon","coordinates":[[]]}', "/coordinates/0: A ring")],
)
def test_what_is_wrong_with_a_geometry_says_where(text: str, start: str) -> None:
    _, (fault,) = read({"name": "甲村", "level": "village", "geometry": text})

    assert fault.detail.en.startswith(start)


def test_a_rank_that_several_levels_have_needs_the_unit_type() -> None:
    ladder = Ladder.of({"levels": [level("a", "甲", "township", "town"),
                                   level("b", "乙", "township", "street")]})  # fmt: skip
    row = {"name": "镇", "level": "township"}

    entry, _ = read_row(Row(2, {**row, "unit_type": "street"}), ladder, "430223", KNOWN)
    assert entry
    assert entry.rung.level_id == "b"
    nothing, (fault,) = read_row(Row(2, row), ladder, "430223", KNOWN)
    assert nothing is None
    assert "a (甲), b (乙)" in fault.detail.en


def test_parents_are_found_by_code_by_name_and_by_what_a_code_means() -> None:
    plan = planned(
        {"name": "甲村", "level": "village", "code": VILLAGE},
        {"name": "乙村", "level": "village", "parent_code": TOWN},
        {"name": "丙村", "level": "village", "parent_name": "测试县 / 甲镇"},
        {"name": "三组", "level": "group", "parent_name": "甲镇/乙村"},
        {"name": "甲镇", "level": "township", "code": TOWN, "parent_name": "测试县"},
        grids=[COUNTY],
    )

    assert plan.faults == []
    assert plan.parents[2] == plan.parents[3] == plan.parents[4] == 6
    assert plan.parents[5] == 3
    assert plan.parents[6] == COUNTY.grid_id
    assert [entry.name for entry in plan.new] == ["甲镇", "甲村", "乙村", "丙村", "三组"]


def test_new_grids_lie_below_their_parents() -> None:
    plan = planned(
        {"name": "甲村", "level": "village", "parent_name": "甲镇"},
        {"name": "甲镇", "level": "township", "parent_name": "测试县"},
        grids=[COUNTY],
    )
    ids = iter(UUID(int=n) for n in range(1, 9))
    made = row_grids.make_grids(
        plan, first_node=7, new_id=lambda: next(ids), now=NOW, by_id={COUNTY.grid_id: COUNTY}
    )

    assert {g.name: g.path for g in made.values()} == {"甲镇": "1.7.", "甲村": "1.7.8."}
    assert made[2].parent_id == made[3].grid_id


def test_what_is_there_is_known_by_code_or_by_parent_level_and_name() -> None:
    town = grid("甲镇", "1.2.", admin_code=TOWN, parent_id=COUNTY.grid_id)
    village = grid("甲村", "1.2.3.", "village", parent_id=town.grid_id)
    plan = planned(
        {"name": "甲镇", "level": "township", "code": TOWN},
        {"name": "甲村", "level": "village", "parent_name": "甲镇"},
        {"name": "乙村", "level": "village", "parent_name": "甲镇"},
        grids=[COUNTY, town, village],
    )

    assert plan.faults == []
    assert [g.grid_id for _, g in plan.there] == [town.grid_id, village.grid_id]
    assert [entry.name for entry in plan.new] == ["乙村"]


def test_rows_that_differ_from_what_is_there_are_refused() -> None:
    town = grid("甲镇", "1.2.", admin_code=TOWN, parent_id=COUNTY.grid_id)
    other = grid("乙镇", "1.4.", parent_id=COUNTY.grid_id)
    village = grid("甲村", "1.2.3.", "village", parent_id=town.grid_id, admin_code=VILLAGE)
    nameless = grid("丙村", "1.2.5.", "village", parent_id=town.grid_id)
    plan = planned(
        {"name": "新名", "level": "township", "code": TOWN},
        {"name": "甲村", "level": "village", "code": VILLAGE, "parent_name": "乙镇"},
        {"name": "丙村", "level": "village", "code": "430223126202"},
        grids=[COUNTY, town, other, village, nameless],
    )

    assert [(f.row, f.column) for f in plan.faults] == [
        (2, "name"),
        (3, "parent_name"),
        (4, "code"),
    ]
    assert ":rename" in plan.faults[0].detail.en
    assert "更名" in plan.faults[0].detail.zh


def test_a_code_on_another_level_is_refused() -> None:
    town = grid("甲镇", "1.2.", admin_code=TOWN, parent_id=COUNTY.grid_id)
    found = faults_of({"name": "甲镇", "level": "village", "code": TOWN}, grids=[COUNTY, town])

    assert found == [(2, "level")]


def test_rows_must_not_ask_for_the_same_grid() -> None:
    assert faults_of(
        {"name": "甲镇", "level": "township", "code": TOWN},
        {"name": "乙镇", "level": "township", "code": TOWN},
        {"name": "丙镇", "level": "township", "parent_name": "测试县"},
        {"name": "丙镇", "level": "township", "parent_name": "测试县"},
        grids=[COUNTY],
    ) == [(3, "code"), (5, "name")]


def test_two_codes_of_one_name_are_two_grids() -> None:
    town = grid("甲镇", "1.2.", admin_code=TOWN, parent_id=COUNTY.grid_id)
    one = grid("新村", "1.2.3.", "village", parent_id=town.grid_id, admin_code=VILLAGE)
    other = {"name": "新村", "level": "village", "code": "430223126202"}
    assert [e.row for e in planned(other, grids=[COUNTY, town, one]).new] == [2]

    two = grid("新村", "1.2.4.", "village", parent_id=town.grid_id, admin_code=other["code"])
    unclear = {"name": "新村", "level": "village", "parent_code": TOWN}
    assert faults_of(unclear, grids=[COUNTY, town, one, two]) == [(2, "name")]


def test_a_stated_unit_type_is_that_of_the_grid() -> None:
    town = grid("甲镇", "1.2.", admin_code=TOWN, parent_id=COUNTY.grid_id)
    row = {"name": "甲镇", "level": "township", "code": TOWN}

    assert faults_of({**row, "unit_type": "street"}, grids=[COUNTY, town]) == [(2, "unit_type")]
    assert not faults_of({**row, "unit_type": "town"}, grids=[COUNTY, town])


def test_parents_that_are_missing_or_unclear_are_named() -> None:
    towns = [grid("甲镇", f"1.{n}.", parent_id=COUNTY.grid_id) for n in (2, 3)]
    assert faults_of(
        {"name": "甲村", "level": "village", "parent_code": "430223127"},
        {"name": "乙村", "level": "village", "parent_name": "无此镇"},
        {"name": "丙村", "level": "village", "parent_name": "甲镇"},
        {"name": "丁村", "level": "village", "parent_code": "430223", "parent_name": "甲镇"},
        grids=[COUNTY, *towns],
    ) == [(2, "parent_code"), (3, "parent_name"), (4, "parent_name"), (5, "parent_name")]


def test_two_parents_are_one_too_many() -> None:
    towns = [
        grid("甲镇", "1.2.", parent_id=COUNTY.grid_id, admin_code=TOWN),
        grid("乙镇", "1.3.", parent_id=COUNTY.grid_id),
    ]
    row = {"name": "甲村", "level": "village", "parent_code": TOWN, "parent_name": "乙镇"}

    plan = planned(row, grids=[COUNTY, *towns])
    assert [fault.detail for fault in plan.faults] == [row_grids.TWO_PARENTS]
    assert not faults_of({**row, "parent_name": "甲镇"}, grids=[COUNTY, *towns])


def test_rows_that_hang_under_one_another_are_named_together() -> None:
    plan = planned(
        {"name": "甲村", "level": "village", "parent_name": "乙村"},
        {"name": "乙村", "level": "village", "parent_name": "丙村"},
        {"name": "丙村", "level": "village", "parent_name": "甲村"},
    )

    assert [fault.row for fault in plan.faults] == [2, 3, 4]
    assert {fault.detail.en for fault in plan.faults} == {
        "The rows hang under one another: 2, 3, 4."
    }


def test_a_level_may_not_be_left_out_but_offices_and_special_grids_may() -> None:
    assert faults_of(
        {"name": "甲镇", "level": "township", "parent_code": "430223"},
        {"name": "甲村", "level": "village", "parent_code": "430223"},
        {"name": "乙镇", "level": "township"},
        {"name": "丙村", "level": "village", "parent_name": "甲镇"},
        {"name": "丁村", "level": "village", "parent_name": "丙村"},
        {"name": "园区", "level": "township", "unit_type": "park"},
        grids=[COUNTY],
    ) == [(3, "parent_code"), (4, "parent_code"), (6, "parent_name")]


def test_nothing_is_said_of_rows_for_the_faults_of_another() -> None:
    entries, faults = read(
        {"name": "甲镇", "level": "township", "code": TOWN, "lon": "x", "lat": "27"},
        {"name": "甲村", "level": "village", "parent_name": "甲镇"},
        {"name": "乙村", "level": "village", "parent_code": TOWN},
        {"name": "丙村", "level": "village", "code": VILLAGE},
    )
    plan = row_grids.plan(entries, [COUNTY], LADDER, {"甲镇", TOWN})

    assert [fault.row for fault in faults] == [2]
    assert plan.faults == []


WORDS = st.sampled_from(["甲", "乙", "丙", "甲/乙", "测试县", ""])


@given(
    st.lists(
        st.fixed_dictionaries({
            "name": st.sampled_from(["甲", "乙", "丙"]),
            "level": st.sampled_from(["township", "village", "group"]),
            "code": st.sampled_from(["", TOWN, VILLAGE, "430223126202"]),
            "parent_code": st.sampled_from(["", "430223", TOWN, VILLAGE]),
            "parent_name": WORDS,
        }),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_the_rows_say_a_plan_is_a_forest_that_is_found_again(
    cells: list[dict[str, str]],
) -> None:
    first = planned(*cells, grids=[COUNTY])
    if first.faults:
        return
    made = row_grids.make_grids(
        first, first_node=2, new_id=uuid4, now=NOW, by_id={COUNTY.grid_id: COUNTY}
    )
    grids = {g.grid_id: g for g in [COUNTY, *made.values()]}
    for each in made.values():
        assert each.parent_id is None or each.path.startswith(grids[each.parent_id].path)

    again = planned(*cells, grids=list(grids.values()))
    assert again.faults == []
    assert again.new == []
