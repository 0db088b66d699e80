"""Grids out of a file's rows."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import orjson
import pytest

from tests.integration.grid.conftest import Places
from tests.integration.grid.geometry.test_boundaries import square
from wangge.grid.v1 import geometry_pb2
from wangge.table.v1 import table_pb2

TOWN = {"code": "430223126", "name": "宁家坪镇", "level": "township"}
PLACED = {"level": "village", "parent_name": "宁家坪镇"}


def village(name: str, **given: str) -> dict[str, str]:
    return {"name": name, **PLACED, **given}


def geojson(lon: float, side: float = 0.1) -> str:
    return orjson.dumps(square(lon, 27, side)).decode()


@pytest.fixture(autouse=True)
def _county(places: Places, county_id: str) -> None:
    places.grids.create(county_id)


def counts(outcome: table_pb2.Outcome) -> tuple[int, int, int]:
    assert not outcome.faults
    return outcome.created, outcome.updated, outcome.unchanged


def test_rows_become_grids_with_places_and_events(places: Places, county_id: str) -> None:
    outcome = places.bring_rows(
        county_id,
        [
            village("甲村", lon="113.05", lat="27.05", geometry=geojson(113)),
            village("乙村", lon="113.15", lat="27.05"),
            TOWN,
        ],
    )

    assert counts(outcome) == (3, 0, 0)
    grids = {grid.name: grid for grid in places.grids.all(county_id)}
    assert grids["甲村"].parent_id == grids["宁家坪镇"].grid_id
    assert grids["甲村"].path.startswith(grids["宁家坪镇"].path)
    assert grids["宁家坪镇"].admin_code == "430223126"
    assert grids["宁家坪镇"].unit_type == "town"
    found = places.located(county_id, lon=113.05, lat=27.05)
    assert [each.name for each in found.grids] == ["甲村"]
    reader = places.person(county_id, read=["g:"])
    features = places.call(reader, geometry_pb2.ListBoundariesRequest(county_id=county_id)).features
    shown = {each.name: orjson.loads(each.geometry_json) for each in features}
    assert shown == {
        "甲村": square(113, 27),
        "乙村": {"type": "Point", "coordinates": [113.15, 27.05]},
    }
    events = [e for e in places.events(county_id) if e["type"].endswith("grid.changed.v1")]
    assert [len(event["data"]["grids"]) for event in events] == [3]


def test_the_same_file_twice_changes_nothing(places: Places, county_id: str) -> None:
    rows = [
        TOWN,
        village("甲村", lon="113.05", lat="27.05", geometry=geojson(113)),
        village("乙村"),
    ]
    assert counts(places.bring_rows(county_id, rows)) == (3, 0, 0)
    events = places.events(county_id)

    assert counts(places.bring_rows(county_id, rows)) == (0, 0, 3)
    assert places.events(county_id) == events
    rows[1] |= {"geometry": geojson(113, 0.2)}
    rows[2] |= {"lon": "113.5", "lat": "27.5"}
    assert counts(places.bring_rows(county_id, rows, dry_run=True)) == (0, 2, 1)
    assert counts(places.bring_rows(county_id, rows)) == (0, 2, 1)
    assert counts(places.bring_rows(county_id, rows)) == (0, 0, 3)
    assert len(places.located(county_id, lon=113.15, lat=27.15).grids) == 1


def test_a_dry_run_makes_nothing(places: Places, county_id: str) -> None:
    outcome = places.bring_rows(county_id, [TOWN, village("甲村")], dry_run=True)

    assert outcome.dry_run
    assert counts(outcome) == (2, 0, 0)
    assert places.grids.all(county_id) == []


def test_any_fault_keeps_every_row_out_and_all_are_told(places: Places, county_id: str) -> None:
    outcome = places.bring_rows(
        county_id,
        [
            TOWN,
            village("甲村", level="七级"),
            village("乙村", code="430223126999"),
            village("丙村", parent_name="无此镇"),
            village("丁村", geometry='{"type":"Polygon","coordinates":[]}'),
            village("戊村", parent_name="己村"),
            village("己村", parent_name="戊村"),
            {"name": "庚村", "level": "village"},
            village("辛村"),
            village("辛村"),
        ],
    )

    assert [(fault.row, fault.column) for fault in outcome.faults] == [
        (3, "level"),
        (4, "code"),
        (5, "parent_name"),
        (6, "geometry"),
        (7, "parent_name"),
        (8, "parent_name"),
        (9, "parent_code"),
        (11, "name"),
    ]
    assert all(fault.detail and fault.detail_zh != fault.detail for fault in outcome.faults)
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 0)
    assert places.grids.all(county_id) == []


def test_a_grid_under_another_name_is_to_be_renamed(places: Places, county_id: str) -> None:
    places.bring_rows(county_id, [TOWN])

    (fault,) = places.bring_rows(county_id, [{**TOWN, "name": "宁坪镇"}]).faults
    assert (fault.row, fault.column) == (2, "name")
    assert "宁家坪镇" in fault.detail
    assert "更名" in fault.detail_zh


def test_who_may_import_and_how_many_rows(places: Places, county_id: str) -> None:
    def request(*rows: Any) -> geometry_pb2.ImportGridsRequest:
        return geometry_pb2.ImportGridsRequest(
            county_id=county_id, request_id=str(uuid4()), rows=rows
        )

    row = table_pb2.Row(number=2, cells=TOWN)
    other = f"{county_id}-b"
    places.grids.create(other)
    for who, reason in (
        ([], "UNAUTHENTICATED"),
        (places.person(county_id, read=["g:"]), "PERMISSION_DENIED"),
        (places.person(county_id, configure=["g:1."]), "PERMISSION_DENIED"),
        (places.person(other, configure=["g:"]), "COUNTY_NOT_FOUND"),
    ):
        assert places.refusal(who, request(row)).reason == reason
    problem = places.refusal(places.operator(), request())
    assert [each.pointer for each in problem.violations] == ["/rows"]
    assert places.call(places.operator(), request(row)).outcome.created == 1
    assert places.grids.all(other) == []


def test_the_same_request_twice_answers_the_same(places: Places, county_id: str) -> None:
    who = places.person(county_id, configure=["g:"])
    request = geometry_pb2.ImportGridsRequest(
        county_id=county_id, request_id="once", rows=[table_pb2.Row(number=2, cells=TOWN)]
    )

    assert [places.call(who, request).outcome.created for _ in range(2)] == [1, 1]
    assert len(places.grids.all(county_id)) == 1


def test_of_imports_at_once_one_makes_the_grids(places: Places, county_id: str) -> None:
    rows = [TOWN, *(village(f"{n}村") for n in range(40))]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: places.bring_rows(county_id, rows), range(4)))
    assert sorted(outcome.created for outcome in outcomes) == [0, 0, 0, 41]
    assert len(places.grids.all(county_id)) == 41


def test_three_hundred_villages_take_no_time(places: Places, county_id: str) -> None:
    rows = [TOWN, *(village(f"{n}村", geometry=geojson(100 + n / 10)) for n in range(300))]

    started = time.process_time()
    outcome = places.bring_rows(county_id, rows)
    taken = time.process_time() - started
    print(f"301 grids with boundaries imported in {taken:.2f} s")

    assert counts(outcome) == (301, 0, 0)
    assert taken < 9  # three times what is promised


def test_many_grids_are_told_of_in_events_of_five_hundred(places: Places, county_id: str) -> None:
    rows = [TOWN, *(village(f"{n}村") for n in range(620))]
    places.bring_rows(county_id, rows)

    events = [e for e in places.events(county_id) if e["type"].endswith("grid.changed.v1")]
    assert [len(event["data"]["grids"]) for event in events] == [500, 121]


def test_a_file_of_rows_keeps_its_numbers(places: Places, county_id: str) -> None:
    request = geometry_pb2.ImportGridsRequest(
        county_id=county_id,
        request_id=str(uuid4()),
        rows=[table_pb2.Row(number=17, cells={"name": "甲镇", "level": "无"})],
    )
    outcome = places.call(places.operator(), request).outcome
    assert [fault.row for fault in outcome.faults] == [17]


def test_of_very_many_faults_the_rest_is_counted(places: Places, county_id: str) -> None:
    outcome = places.bring_rows(county_id, [{"name": "甲村"}] * 2500)

    assert len(outcome.faults) == 2001
    assert outcome.faults[-1].detail == "And 500 more faults."
    assert outcome.faults[-1].detail_zh == "另有 500 处错误。"


def test_rows_with_one_number_are_refused(places: Places, county_id: str) -> None:
    row = table_pb2.Row(number=2, cells=TOWN)
    request = geometry_pb2.ImportGridsRequest(county_id=county_id, rows=[row, row])

    problem = places.refusal(places.operator(), request)
    assert [each.pointer for each in problem.violations] == ["/rows"]
