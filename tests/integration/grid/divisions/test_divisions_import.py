"""Grids out of the country's divisions, and how they are listed."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import divisions_pb2, tree_pb2

TOWN = "430223126"


def moment(when: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(when)
    return stamp


def counts(reply: divisions_pb2.ImportDivisionsResponse) -> dict[str, tuple[int, int | None]]:
    return {
        level.level_id: (level.count, level.expected if level.HasField("expected") else None)
        for level in reply.levels
    }


def test_a_whole_county_becomes_grids_fast(grids: Grids, county_id: str) -> None:
    grids.create(county_id, admin_code="430223")
    started = time.process_time()

    made = grids.bring(county_id, "430223")

    assert time.process_time() - started < 3
    assert (made.created, made.unchanged) == (19 + 299, 0)
    assert counts(made) == {"township": (19, None), "village": (299, None)}
    found = grids.all(county_id, page_size=100)
    by_id = {grid.grid_id: grid for grid in found}
    assert len(by_id) == 318
    assert sorted(int(grid.path.split(".")[-2]) for grid in found) == list(range(1, 319))
    for grid in found:
        assert UUID(grid.grid_id).version == 7
        if grid.level_id == "village":
            parent = by_id[grid.parent_id]
            assert grid.path.startswith(parent.path)
            assert grid.admin_code.startswith(parent.admin_code)
        else:
            assert grid.parent_id == ""


def test_grids_are_listed_in_the_order_of_their_numbers(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223")

    found = grids.all(county_id, page_size=50)

    trails = [[int(node) for node in grid.path.rstrip(".").split(".")] for grid in found]
    assert trails == sorted(trails)
    assert trails.index([9]) < trails.index([10])


def test_the_events_tell_of_every_grid_in_chunks(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223")
    grids.bring(county_id, "430223")

    changed = [e for e in grids.events(county_id) if e["type"].endswith("grid.changed.v1")]

    assert [len(event["data"]["grids"]) for event in changed] == [318]
    told = {grid["grid_id"]: grid for grid in changed[0]["data"]["grids"]}
    for grid in grids.all(county_id, page_size=500):
        fact = told[grid.grid_id]
        assert (fact["path"], fact["name"]) == (grid.path, grid.name)
        assert (fact["parent_id"] or "") == grid.parent_id
        assert (fact["version"], fact["valid_to"]) == (1, None)


@pytest.mark.parametrize(
    ("template", "code", "levels"),
    [
        ("S04", "130630104", {"township": (1, None), "village": (21, 21)}),
        (
            "S12",
            "430224101",
            {"township": (1, 1), "village": (12, 12), "village_group": (0, None)},
        ),
        (
            "S12",
            "430224203",
            {"township": (1, 1), "village": (11, 12), "village_group": (0, None)},
        ),
    ],
)
@pytest.mark.requirement("R-GRID-18", part="the expected number is stated beside the count")
def test_counts_stand_beside_what_the_scheme_expects(
    grids: Grids, county_id: str, template: str, code: str, levels: dict
) -> None:
    grids.create(county_id, admin_code=code[:6], template_id=template)

    assert counts(grids.bring(county_id, code)) == levels


def test_importing_again_changes_nothing(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    first = grids.bring(county_id, TOWN)
    before = grids.all(county_id)

    again = grids.bring(county_id, TOWN, TOWN, f"{TOWN}001")

    assert (again.created, again.unchanged) == (0, first.created)
    assert again.levels == first.levels
    assert grids.all(county_id) == before


def test_a_village_brings_its_township_and_what_comes_later_hangs_below_it(
    grids: Grids, county_id: str
) -> None:
    grids.create(county_id)
    first = grids.bring(county_id, f"{TOWN}001")
    town, village = grids.all(county_id)
    assert (first.created, town.path, town.admin_code) == (2, "1.", TOWN)
    assert (village.parent_id, village.path) == (town.grid_id, "1.2.")

    made = grids.bring(county_id, TOWN)

    villages = grids.all(county_id, level_id="village")
    assert made.unchanged == 2
    assert {v.parent_id for v in villages} == {town.grid_id}
    assert len(villages) == made.created + 1
    assert sorted(int(g.path.split(".")[-2]) for g in grids.all(county_id)) == list(
        range(1, made.created + 3)
    )


@pytest.mark.requirement("R-TEN-06")
def test_a_district_that_is_a_level_of_its_own_is_the_top_grid(
    grids: Grids, county_id: str
) -> None:
    grids.create(county_id, admin_code="430202", template_id="S16")

    grids.bring(county_id, "430202")

    top, *others = grids.all(county_id, page_size=500)
    assert (top.level_id, top.unit_type, top.parent_id) == ("district", "district", "")
    towns = [grid for grid in others if grid.level_id == "township"]
    assert {grid.parent_id for grid in towns} == {top.grid_id}
    kinds = Counter(grid.unit_type for grid in others if grid.level_id == "village")
    assert set(kinds) <= {"village", "residents_committee"}


def test_a_dry_run_counts_and_writes_nothing(grids: Grids, county_id: str) -> None:
    grids.create(county_id)

    foreseen = grids.bring(county_id, TOWN, dry_run=True)

    assert grids.all(county_id) == []
    assert len(grids.events(county_id)) == 2
    assert foreseen == grids.bring(county_id, TOWN)
    left = grids.bring(county_id, "430223", dry_run=True)
    assert (left.created + left.unchanged, left.unchanged) == (318, foreseen.created)


def test_every_code_at_fault_is_named(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    for codes, expected in (
        (["430224", TOWN, "4302", "43022x", ""], ["/codes/2", "/codes/3", "/codes/4"]),
        (["430224", TOWN, "430223999"], ["/codes/0", "/codes/2"]),
    ):
        request = divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=codes)

        refused = grids.refusal(grids.operator(), request)

        assert refused.status is grpc.StatusCode.INVALID_ARGUMENT
        assert [violation.pointer for violation in refused.violations] == expected
    assert grids.all(county_id) == []
    request.codes[:] = []
    refused = grids.refusal(grids.operator(), request)
    assert [violation.pointer for violation in refused.violations] == ["/codes"]


def test_nothing_is_imported_before_a_scheme_holds(grids: Grids, county_id: str) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    grids.create(county_id, effective_on=tomorrow)
    request = divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=[TOWN])

    assert grids.refusal(grids.operator(), request).reason == "SCHEME_NOT_IN_FORCE"


def test_imports_at_once_make_each_grid_once(grids: Grids, county_id: str) -> None:
    grids.create(county_id)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: grids.bring(county_id, "430223"), range(4)))

    assert sorted(reply.created for reply in made) == [0, 0, 0, 318]
    found = grids.all(county_id, page_size=500)
    assert len({grid.admin_code for grid in found}) == len(found) == 318
    assert sorted(int(g.path.split(".")[-2]) for g in found) == list(range(1, 319))


def test_grids_are_found_by_parent_level_name_and_code(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, TOWN)
    town, *villages = grids.all(county_id)

    assert grids.all(county_id, parent_id=town.grid_id) == villages
    assert grids.all(county_id, level_id="township") == [town]
    assert grids.all(county_id, admin_code=TOWN) == [town]
    assert grids.all(county_id, name="宁家坪", level_id="township") == [town]
    assert grids.all(county_id, name="%") == []
    request = tree_pb2.ListGridsRequest(county_id=county_id, parent_id="nonsense")
    refused = grids.refusal(grids.person(county_id, read=["g:"]), request)
    assert [violation.pointer for violation in refused.violations] == ["/parent_id"]
    request = tree_pb2.GetGridRequest(county_id=county_id, grid_id="nonsense")
    assert grids.refusal(grids.operator(), request).reason == "GRID_NOT_FOUND"


def test_grids_are_listed_as_of_a_moment(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, TOWN)
    start = grids.all(county_id)[0].valid_from.ToDatetime(tzinfo=UTC)

    assert grids.all(county_id, as_of=moment(start - timedelta(seconds=1))) == []
    assert len(grids.all(county_id, as_of=moment(start))) == len(grids.all(county_id))


def test_grids_of_the_past_are_there_since_their_day(grids: Grids, county_id: str) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    grids.create(county_id, effective_on="2026-01-01")

    grids.bring(county_id, TOWN, valid_from=moment(since))

    assert {grid.valid_from.ToDatetime(tzinfo=UTC) for grid in grids.all(county_id)} == {since}
    assert grids.all(county_id, as_of=moment(since - timedelta(seconds=1))) == []
    assert len(grids.all(county_id, as_of=moment(since))) == len(grids.all(county_id))


def test_a_start_that_cannot_be_is_refused_and_nothing_is_made(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    grids.create(county_id, effective_on="2026-01-01")
    grids.bring(county_id, TOWN, valid_from=moment(datetime(2026, 3, 1, tzinfo=UTC)))
    town = grids.all(county_id, admin_code=TOWN)[0]
    villages = [grid for grid in grids.all(county_id) if grid.grid_id != town.grid_id]
    codes = [village.admin_code for village in villages]
    ended = "UPDATE grids SET valid_to = '2026-05-01T00:00Z' WHERE county_id = %s AND grid_id <> %s"
    with databases.admin_engine("grid").begin() as connection:
        connection.exec_driver_sql(ended, (county_id, town.grid_id))

    for start, said in (
        (datetime.now(UTC) + timedelta(days=1), "不能晚于当前时间"),
        (datetime(2026, 2, 1, tzinfo=UTC), town.name),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026-05-01T00:00:00Z"),
    ):
        request = divisions_pb2.ImportDivisionsRequest(
            county_id=county_id, request_id=str(uuid4()), codes=codes, valid_from=moment(start)
        )
        problem = grids.refusal(grids.person(county_id, configure=["g:"]), request)
        assert [fault.pointer for fault in problem.violations] == ["/valid_from"]
        assert said in problem.violations[0].detail.zh

    assert [grid.grid_id for grid in grids.all(county_id)] == [town.grid_id]
    assert grids.bring(county_id, TOWN).created == 0
    again = grids.bring(county_id, *codes, valid_from=moment(datetime(2026, 5, 1, tzinfo=UTC)))
    assert again.created == len(villages)


def test_a_second_grid_of_one_division_is_made_only_after_the_first_has_ended(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    grids.create(county_id)
    grids.bring(county_id, TOWN)
    town = grids.all(county_id, admin_code=TOWN)[0]
    ended = "UPDATE grids SET valid_to = now() WHERE county_id = %s AND grid_id = %s"
    with databases.admin_engine("grid").begin() as connection:
        connection.exec_driver_sql(ended, (county_id, town.grid_id))

    made = grids.bring(county_id, TOWN)

    assert made.created == 1
    now = grids.all(county_id, admin_code=TOWN)
    assert [grid.grid_id for grid in now] != [town.grid_id]
    then = grids.all(county_id, admin_code=TOWN, as_of=town.valid_from)
    assert [grid.grid_id for grid in then] == [town.grid_id]
