"""Grids out of the country's divisions, on real counties."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.grid.domain import GRIDS_PER_EVENT
from tests.integration.grid.conftest import (
    CHALING,
    LAIYUAN,
    LAIYUAN_TOWN,
    OTHER_YOU_TOWN,
    YOU_COUNTY,
    YOU_TOWN,
    GridService,
    pointers,
    reason,
    refusal,
)
from wangge.grid.v1 import grid_pb2
from wangge.grid.v1 import grid_service_pb2 as pb

ENOUGH_SECONDS = 3.0
QINGZHOU = "370781"
"""A county with more than a thousand villages."""
UNIT_TYPES = {
    "430223001": "street",
    "430223126": "town",
    "430223400": "township_like",
    "430223126201": "village",
}


def counts(answer: pb.ImportDivisionsResponse) -> dict[str, int]:
    return {level.level_id: level.count for level in answer.levels}


def assert_a_whole_tree(grids: list[grid_pb2.Grid]) -> None:
    """Nodes 1 to n, each grid's path is its parent's and its own node, upper ones first."""
    by_id = {grid.grid_id: grid for grid in grids}
    for node, grid in enumerate(grids, start=1):
        parent = by_id.get(grid.parent_id)
        assert grid.path == f"{parent.path if parent else ''}{node}."
        assert parent is None or grid.admin_code.startswith(parent.admin_code)


@pytest.mark.parametrize(
    ("admin_code", "template_id", "code", "expected", "roots"),
    [
        (YOU_COUNTY, "S01", YOU_COUNTY, {"township": 19, "village": 299}, 19),
        (LAIYUAN, "S04", LAIYUAN_TOWN, {"township": 1, "village": 21}, 1),
        pytest.param(
            CHALING, "S12", CHALING, {"township": 18, "village": 247, "village_group": 0}, 18,
            marks=pytest.mark.requirement("R-GRID-10"),
        ),
        (YOU_COUNTY, "S09", YOU_TOWN, {"district": 1, "township": 1, "enterprise": 0}, 1),
    ],
)  # fmt: skip
def test_a_county_becomes_a_whole_tree_and_again_changes_nothing(  # noqa: PLR0917 - cases
    grid: GridService,
    county_id: str,
    admin_code: str,
    template_id: str,
    code: str,
    expected: dict[str, int],
    roots: int,
) -> None:
    grid.create(county_id, admin_code=admin_code, template_id=template_id)

    made = grid.take(county_id, code)
    again = grid.take(county_id, code)

    assert made.created == sum(counts(made).values())
    assert made.unchanged == 0
    assert expected.items() <= counts(made).items()
    grids = grid.grids(county_id)
    assert len(grids) == made.created
    assert_a_whole_tree(grids)
    assert sum(not one.parent_id for one in grids) == roots
    assert (again.created, again.unchanged) == (0, made.created)
    assert counts(again) == counts(made)
    assert grid.grids(county_id) == grids


@pytest.mark.requirement("R-GRID-18")
def test_the_answer_sets_what_is_there_beside_what_the_scheme_expects(
    grid: GridService, county_id: str
) -> None:
    grid.create(county_id, admin_code=LAIYUAN, template_id="S07")

    levels = grid.take(county_id, LAIYUAN_TOWN).levels

    told = {
        level.level_id: (level.count, level.expected if level.HasField("expected") else None)
        for level in levels
    }
    assert told == {"township": (1, 1), "village": (21, 6)}


def test_a_dry_run_counts_and_writes_nothing(grid: GridService, county: str) -> None:
    grid.take(county, OTHER_YOU_TOWN)
    before = grid.rows(county)

    dry = grid.take(county, YOU_COUNTY, dry_run=True)

    assert grid.rows(county) == before
    made = grid.take(county, YOU_COUNTY)
    assert (made.created, made.unchanged) == (dry.created, dry.unchanged)
    assert counts(made) == counts(dry) == {"township": 19, "village": 299}
    assert_dense_and_under_townships(grid, county)


def assert_dense_and_under_townships(grid: GridService, county: str) -> None:
    grids = grid.grids(county)
    by_id = {one.grid_id: one for one in grids}
    assert [int(one.path.rstrip(".").split(".")[-1]) for one in grids] == list(
        range(1, len(grids) + 1)
    )
    for one in grids:
        above = by_id[one.parent_id].path if one.parent_id else ""
        assert one.path.startswith(above)
        assert (one.level_id == "village") == bool(one.parent_id)


def test_every_code_at_fault_is_named_at_once_and_nothing_is_made(
    grid: GridService, county: str
) -> None:
    codes = [YOU_TOWN, LAIYUAN_TOWN, "430223999", "43022312", "攸县", "", "43", YOU_COUNTY]
    before = grid.rows(county)

    problem = refusal(lambda: grid.take(county, *codes))

    assert problem.status.name == "INVALID_ARGUMENT"
    told = {v.pointer: v.detail.en for v in problem.violations}
    assert list(told) == [f"/codes/{n}" for n in range(1, 7)]
    assert "outside" in told["/codes/1"]
    assert "430223999" in told["/codes/2"]
    assert all("not a division code" in told[f"/codes/{n}"] for n in (3, 4, 5))
    assert "outside" in told["/codes/6"]
    assert grid.rows(county) == before


@pytest.mark.parametrize("number", [0, 1001])
def test_no_code_or_too_many_are_refused(grid: GridService, county: str, number: int) -> None:
    assert pointers(lambda: grid.take(county, *[YOU_TOWN] * number)) == ["/codes"]


def test_a_village_brings_its_township_so_that_it_has_a_parent(
    grid: GridService, county: str
) -> None:
    village = f"{YOU_TOWN}201"

    first = grid.take(county, village)
    rest = grid.take(county, YOU_TOWN)

    township, one = grid.grids(county)[:2]
    assert (first.created, township.admin_code, one.admin_code) == (2, YOU_TOWN, village)
    assert one.parent_id == township.grid_id
    assert (rest.unchanged, len(grid.grids(county, parent_id=township.grid_id))) == (
        2,
        rest.created + 1,
    )
    assert_a_whole_tree(grid.grids(county))


def test_the_same_division_named_twice_is_one_grid(grid: GridService, county: str) -> None:
    made = grid.take(county, YOU_TOWN, YOU_TOWN, f"{YOU_TOWN}201")

    assert made.created == len(grid.grids(county))


def test_imports_at_once_make_each_grid_once(grid: GridService, county: str) -> None:
    asked = [(YOU_COUNTY,), (YOU_TOWN,), (YOU_COUNTY,), (OTHER_YOU_TOWN, YOU_TOWN)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda codes: grid.take(county, *codes), asked))

    grids = grid.grids(county)
    assert sum(answer.created for answer in answers) == len(grids) == 318
    assert len({one.admin_code for one in grids}) == 318
    assert_dense_and_under_townships(grid, county)


def test_one_request_sent_twice_at_once_answers_both_the_same(
    grid: GridService, county: str
) -> None:
    admin = grid.admin(county)
    request = pb.ImportDivisionsRequest(county_id=county, codes=[YOU_TOWN], request_id="key-1")

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: grid.calls.ImportDivisions(request, metadata=admin), range(4))
        )

    assert all(answer == answers[0] for answer in answers)
    assert answers[0].created == len(grid.grids(county))


def test_the_kind_of_unit_follows_from_the_code(grid: GridService, county: str) -> None:
    grid.take(county, YOU_COUNTY)

    kinds = {one.admin_code: one.unit_type for one in grid.grids(county)}

    assert {code: kinds[code] for code in UNIT_TYPES} == UNIT_TYPES
    villages = {int(code[9:]): kind for code, kind in kinds.items() if len(code) == 12}
    assert villages
    assert all((kind == "community") == (number < 200) for number, kind in villages.items())


def test_events_tell_every_grid_once_in_parcels(grid: GridService, county: str) -> None:
    grid.take(county, YOU_TOWN)
    grid.take(county, YOU_COUNTY)

    events = grid.events(county, "grid.changed.v1")

    told = [one for event in events for one in event["data"]["grids"]]
    assert all(1 <= len(event["data"]["grids"]) <= GRIDS_PER_EVENT for event in events)
    grids = {one.grid_id: one for one in grid.grids(county)}
    assert len(told) == len(grids)
    for one in told:
        made = grids[one["grid_id"]]
        assert (one["path"], one["name"], one["level_id"], one["rank"]) == (
            made.path, made.name, made.level_id, made.rank)  # fmt: skip
        assert (one["parent_id"] or "") == made.parent_id
        assert (one["version"], one["valid_to"]) == (1, None)


def test_more_than_500_grids_are_told_in_several_events(grid: GridService, county_id: str) -> None:
    grid.create(county_id, admin_code=QINGZHOU)

    made = grid.take(county_id, QINGZHOU)

    events = grid.events(county_id, "grid.changed.v1")
    sizes = [len(event["data"]["grids"]) for event in events]
    assert made.created == sum(sizes) > 2 * GRIDS_PER_EVENT
    assert sizes[:-1] == [GRIDS_PER_EVENT] * (len(sizes) - 1)
    assert len({one["grid_id"] for e in events for one in e["data"]["grids"]}) == made.created


def test_three_hundred_villages_take_well_under_three_seconds(
    grid: GridService, county: str
) -> None:
    started = time.perf_counter()

    made = grid.take(county, YOU_COUNTY)

    seconds = time.perf_counter() - started
    print(f"import of {made.created} divisions: {seconds:.3f} s")
    assert made.created == 318
    assert seconds < ENOUGH_SECONDS


def test_every_code_named_by_itself_costs_no_more(grid: GridService, county: str) -> None:
    grid.take(county, YOU_COUNTY)
    codes = [one.admin_code for one in grid.grids(county)]
    started = time.perf_counter()

    again = grid.take(county, *codes)

    seconds = time.perf_counter() - started
    print(f"import of {len(codes)} codes: {seconds:.3f} s")
    assert (again.created, again.unchanged) == (0, 318)
    assert seconds < ENOUGH_SECONDS


def test_only_who_configures_the_whole_county_imports(grid: GridService, county: str) -> None:
    request = pb.ImportDivisionsRequest(county_id=county, codes=[YOU_TOWN])

    def by(metadata: object) -> object:
        return lambda: grid.calls.ImportDivisions(request, metadata=metadata)

    assert reason(by(grid.caller(county, configure=["g:1."])))[0] == "PERMISSION_DENIED"
    assert reason(by(grid.caller(county, read=["g:"])))[0] == "PERMISSION_DENIED"
    assert reason(by(grid.city("city_supervisor")))[0] == "PERMISSION_DENIED"
    assert reason(by(grid.admin("elsewhere"))) == ("NOT_FOUND", "COUNTY_NOT_FOUND")
    assert grid.rows(county)["grids"] == 0


def test_a_city_operator_imports_into_the_county_named_and_no_other(
    grid: GridService, county: str
) -> None:
    twin = f"{county}-twin"
    grid.create(twin)
    request = pb.ImportDivisionsRequest(county_id=county, codes=[YOU_TOWN], request_id="key-1")

    made = grid.calls.ImportDivisions(request, metadata=grid.city())

    assert grid.rows(county)["grids"] == made.created > 1
    assert grid.rows(twin)["grids"] == grid.rows("city")["grids"] == 0
    assert grid.rows(county)["idempotency_keys"] == 1
    [event] = grid.events(county, "grid.changed.v1")
    assert event["countyid"] == county
    for nobody in ("city", "", "nowhere"):
        request.county_id = nobody
        failing = lambda: grid.calls.ImportDivisions(request, metadata=grid.city())  # noqa: E731
        assert reason(failing) == ("NOT_FOUND", "COUNTY_NOT_FOUND")
