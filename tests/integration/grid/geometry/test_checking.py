"""The check of a county's grids, and how fast places are found among thousands."""

import random
import time
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from tests.integration.grid.conftest import Places
from tests.tessellation import LAND, cells
from wangge.grid.v1 import geometry_pb2

TOWN = {"name": "甲镇", "level": "township", "code": "430223126"}


def drawn(shape: BaseGeometry) -> str:
    return shapely.to_geojson(shape)


def village(name: str, shape: BaseGeometry | None = None, **given: str) -> dict[str, str]:
    place = {"geometry": drawn(shape)} if shape is not None else {}
    return {"name": name, "level": "village", "parent_name": "甲镇", **place, **given}


def check(places: Places, county_id: str, *scopes: str, **given: Any) -> geometry_pb2.GridCheck:
    who = places.person(county_id, read=scopes or ("g:",))
    return places.call(who, geometry_pb2.CheckGridsRequest(county_id=county_id, **given)).check


def pairs(found: geometry_pb2.MisfitList) -> list[tuple[str, str]]:
    return [(each.grid.name, each.other.name) for each in found.misfits]


def test_overlaps_gaps_and_what_sticks_out_are_named_with_their_place(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id)
    places.bring_rows(
        county_id,
        [
            {**TOWN, "geometry": drawn(box(113, 27, 113.4, 27.4))},
            village("西村", box(113, 27, 113.2, 27.4)),
            village("东村", box(113.19, 27, 113.4, 27.3)),
            village("外村", box(113.3, 27.35, 113.5, 27.4)),
            village("无界村"),
        ],
    )
    found = check(places, county_id)

    assert (found.grid_count, found.boundary_count, found.tolerance_m2) == (5, 4, 100)
    assert [set(pair) for pair in pairs(found.overlaps)] == [{"西村", "东村"}]
    (overlap,) = found.overlaps.misfits
    assert 113.19 < overlap.longitude < 113.2
    assert 27 < overlap.latitude < 27.3
    assert overlap.area_km2 == pytest.approx(0.99 * 33.25, rel=0.01)
    assert list(overlap.grid.names) == ["甲镇", overlap.grid.name]
    assert pairs(found.gaps) == [("甲镇", "")]
    assert found.gaps.misfits[0].without_boundary == 1
    assert pairs(found.outside) == [("外村", "甲镇")]
    assert [grid.name for grid in found.without_base_data.grids] == ["无界村"]
    assert check(places, county_id, tolerance_m2=1e6).overlaps.total == 1


def test_land_divided_cleanly_has_no_place_in_two_grids_nor_in_none(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id)
    shapes = cells(40, seed=3)
    rows = [village(f"{n}村", shape) for n, shape in enumerate(shapes)]
    places.bring_rows(county_id, [{**TOWN, "geometry": drawn(LAND)}, *rows])

    found = check(places, county_id)
    assert (found.overlaps.total, found.gaps.total, found.outside.total) == (0, 0, 0)
    again = next(grid for grid in places.grids.all(county_id) if grid.name == "7村")
    places.bound(county_id, again.grid_id, orjson.loads(drawn(shapes[8])))
    found = check(places, county_id)
    assert [set(pair) for pair in pairs(found.overlaps)] == [{"7村", "8村"}]
    assert pairs(found.gaps) == [("甲镇", "")]


def test_every_division_in_no_grid_is_named_until_none_is_left(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id)
    none_yet = check(places, county_id).uncovered
    assert none_yet.total > 300
    assert len(none_yet.divisions) == 100
    assert {each.rank for each in none_yet.divisions} == {"township", "village"}
    assert list(none_yet.divisions[0].names) == ["攸县", none_yet.divisions[0].name]

    made = places.grids.bring(county_id, "430223126").created
    rest = check(places, county_id).uncovered
    assert rest.total == none_yet.total - made
    assert not any(each.code.startswith("430223126") for each in rest.divisions)
    places.grids.bring(county_id, "430223")
    assert check(places, county_id).uncovered.total == 0


@pytest.mark.requirement("R-GRID-18")
def test_levels_that_hold_more_or_fewer_grids_than_expected_are_reported(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id, template_id="S07")
    places.bring_rows(
        county_id, [{**TOWN, "level": "乡级网格"}, *(village(f"{n}村") for n in range(5))]
    )

    levels = {level.level_id: level for level in check(places, county_id).levels}
    town, villages = levels["township"], levels["village"]
    assert (town.count, town.expected, town.matches) == (1, 1, True)
    assert (villages.count, villages.expected, villages.matches) == (5, 6, False)
    places.bring_rows(county_id, [village("五村之外")])
    assert all(level.matches for level in check(places, county_id).levels)


def test_grids_name_the_items_of_the_checklist_that_they_lack(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id, template_id="S04")
    places.bring_rows(county_id, [TOWN, village("甲村"), village("乙村", LAND)])

    found = check(places, county_id)
    lacks = {each.grid.name: each for each in found.incomplete.grids}
    assert "area" in lacks["甲村"].missing
    assert not lacks["甲村"].area_clear
    assert "乙村" not in lacks or lacks["乙村"].area_clear
    assert list(found.not_known_here) == ["people", "sources"]


def checklists() -> list[Any]:
    """Template → the names of its checklist's items, each under the requirement that states them."""
    stated = {
        "R-GRID-21": [(each, "区域 人员 职责 任务 奖惩") for each in ("S01", "S04", "S10", "S13")],
        "R-GRID-22": [("S03", "区域 职责 人员 任务 考核")],
        "R-GRID-23": [("S11", "区域 人员 任务 责任 场所")],
        "R-GRID-24": [("S16", "区域 职责 任务 人员"), ("S14", "区域 目标 任务 人员")],
    }
    return [
        pytest.param(template, names.split(), marks=pytest.mark.requirement(row), id=template)
        for row, rows in stated.items()
        for template, names in rows
    ]


@pytest.mark.parametrize(("template", "names"), checklists())
def test_a_grid_is_complete_by_the_checklist_of_its_own_county(
    places: Places, county_id: str, template: str, names: list[str]
) -> None:
    made = places.grids.create(county_id, template_id=template)
    document = orjson.loads(made.scheme.document_json)
    items = {item["name"]: item["id"] for item in document["checklist"]}
    own = [level for level in document["levels"] if level["scope"] == "own"]
    top = {**TOWN, "level": own[0]["name"], "name": "无代码网格", "code": ""}
    places.bring_rows(county_id, [top])

    found = check(places, county_id)

    assert list(items) == names
    [bare] = found.incomplete.grids
    assert items["区域"] in bare.missing
    assert set(bare.missing) <= set(items.values())
    not_known = set(found.not_known_here) - {"sources"}
    assert items["人员"] in not_known
    assert not_known <= set(items.values()) - set(bare.missing)


def test_a_reader_of_a_subtree_is_told_of_that_alone(places: Places, county_id: str) -> None:
    places.grids.create(county_id)
    other = {"name": "乙镇", "level": "township", "code": "430223125"}
    places.bring_rows(
        county_id,
        [
            {**TOWN, "geometry": drawn(LAND)},
            other,
            village("甲村"),
            village("丙村", parent_name="乙镇"),
        ],
    )
    town = next(grid for grid in places.grids.all(county_id) if grid.name == "甲镇")

    found = check(places, county_id, f"g:{town.path}")
    assert found.grid_count == 2
    assert [grid.name for grid in found.without_base_data.grids] == ["甲村"]
    assert all(each.code.startswith("430223126") for each in found.uncovered.divisions)
    assert found.uncovered.total


def test_who_may_ask_for_the_check(places: Places, county_id: str) -> None:
    places.grids.create(county_id)
    other = f"{county_id}-b"
    places.grids.create(other)
    request = geometry_pb2.CheckGridsRequest(county_id=county_id)

    for who, reason in (
        ([], "UNAUTHENTICATED"),
        (places.person(county_id, patrol=["g:"]), "PERMISSION_DENIED"),
        (places.person(other, read=["g:"]), "COUNTY_NOT_FOUND"),
    ):
        assert places.refusal(who, request).reason == reason
    assert places.call(places.city("city_supervisor"), request).check.grid_count == 0
    wrong = geometry_pb2.CheckGridsRequest(county_id=county_id, tolerance_m2=-1)
    problem = places.refusal(places.operator(), wrong)
    assert [each.pointer for each in problem.violations] == ["/tolerance_m2"]


def test_among_three_thousand_grids_places_are_found_at_once(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id)
    shapes = cells(3000, seed=5)
    places.bring_rows(county_id, [{**TOWN, "geometry": drawn(LAND)}])
    started = time.perf_counter()
    for part in range(0, 3000, 1000):
        rows = [village(f"{n}村", shapes[n]) for n in range(part, part + 1000)]
        assert places.bring_rows(county_id, rows).created == 1000
    imported = time.perf_counter() - started

    started = time.process_time()
    found = check(places, county_id)
    checked = time.process_time() - started
    assert (found.boundary_count, found.overlaps.total, found.gaps.total) == (3001, 0, 0)

    taken = _timed(places, county_id, shapes)
    median, p99 = (sorted(taken)[int(len(taken) * part)] for part in (0.5, 0.99))
    print(
        f"3000 grids imported in {imported:.1f} s, checked in {checked:.1f} s, "
        f"located in {median * 1000:.1f} ms (p99 {p99 * 1000:.1f} ms)"
    )
    assert checked < 20  # several times what it takes
    assert median < 0.1  # the slowest measure how busy the machine is


def _timed(places: Places, county_id: str, shapes: Sequence[BaseGeometry]) -> list[float]:
    points = random.Random(7)
    who = places.person(county_id, patrol=["g:"])
    taken = []
    for _ in range(500):
        lon, lat = points.uniform(113, 114), points.uniform(27, 28)
        request = geometry_pb2.LocateGridsRequest(county_id=county_id, lon=lon, lat=lat)
        started = time.perf_counter()
        answer = places.call(who, request)
        taken.append(time.perf_counter() - started)
        deepest = answer.grids[0]
        assert len(answer.grids) == 2
        assert shapes[int(deepest.name.removesuffix("村"))].intersects(shapely.Point(lon, lat))
    return taken
