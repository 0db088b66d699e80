"""Which units become grids, where they hang, and what kind they are."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.grid import domain
from services.grid.domain import GRIDS_PER_EVENT, Grid, Unit
from services.grid.scheme import storage_problems

NOW = datetime(2026, 10, 12, tzinfo=UTC)
COUNTY = Unit("430223", "县", "county")
TOWN, OTHER = Unit("430223126", "镇", "township"), Unit("430223003", "街道", "township")
VILLAGE, FAR = Unit("430223126201", "村", "village"), Unit("430223003001", "社区", "village")
UNITS = [VILLAGE, FAR, TOWN, OTHER, COUNTY]
LEVELS = {rank: {"id": f"level_{rank}"} for rank in ("county", "township", "village")}


def made(units: list[Unit], existing: dict[str, Grid] | None = None, first: int = 1) -> list[Grid]:
    return domain.make_grids(
        units,
        LEVELS,
        existing or {},
        first_node=first,
        ids=[UUID(int=first + n) for n in range(len(units))],
        now=NOW,
    )


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        (["430223126201"], [COUNTY, TOWN, VILLAGE]),
        (["430223126"], [COUNTY, TOWN, VILLAGE]),
        (["430223003"], [COUNTY, OTHER, FAR]),
        (["430223003", "430223003001"], [COUNTY, OTHER, FAR]),
        (["430223"], [COUNTY, OTHER, TOWN, FAR, VILLAGE]),
    ],
)
def test_a_code_brings_what_lies_below_and_above_it(codes: list[str], wanted: list[Unit]) -> None:
    assert domain.wanted_units(codes, UNITS) == wanted


def test_each_grid_hangs_under_the_nearest_above_and_nodes_are_dense() -> None:
    county, street, town, community, village = made(domain.wanted_units(["430223"], UNITS))

    assert [grid.path for grid in (county, street, town)] == ["1.", "1.2.", "1.3."]
    assert (community.path, community.parent_id) == ("1.2.4.", street.grid_id)
    assert (village.path, village.parent_id) == ("1.3.5.", town.grid_id)
    assert [county.node, street.node, town.node, community.node, village.node] == [1, 2, 3, 4, 5]
    assert village.level_id == "level_village"
    assert {grid.valid_from for grid in (county, village)} == {NOW}


def test_a_level_that_is_left_out_is_passed_over() -> None:
    [county, village] = made([COUNTY, VILLAGE])

    assert (village.parent_id, village.path) == (county.grid_id, "1.2.")


def test_a_new_grid_finds_its_parent_among_those_there_already() -> None:
    [town] = made([TOWN])

    [village] = made([VILLAGE], {town.admin_code: town}, first=9)

    assert (village.parent_id, village.path, village.node) == (town.grid_id, "1.9.", 9)


def test_without_anything_above_it_a_grid_is_a_root() -> None:
    [village] = made([VILLAGE])

    assert (village.parent_id, village.path) == (None, "1.")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("430223001", "street"), ("430223099", "street"),
        ("430223100", "town"), ("430223199", "town"),
        ("430223200", "township"), ("430223399", "township"),
        ("430223400", "township_like"), ("430223999", "township_like"),
        ("430223126001", "community"), ("430223126199", "community"),
        ("430223126200", "village"), ("430223126399", "village"),
        ("430223126400", "community_like"), ("430223126499", "community_like"),
        ("430223126500", "village_like"),
    ],
)  # fmt: skip
def test_the_kind_of_a_unit_is_read_off_its_code(code: str, kind: str) -> None:
    assert domain.unit_type(Unit(code, "名", "any")) == kind


def test_a_county_is_a_county() -> None:
    assert domain.unit_type(COUNTY) == "county"


@pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (500, [500]), (501, [500, 1])])
def test_events_hold_at_most_500_grids(number: int, sizes: list[int]) -> None:
    grids = [Grid(**{**_fields(), "node": n}) for n in range(number)]

    parcels = domain.chunks(grids)

    assert [len(parcel.grids) for parcel in parcels] == sizes
    assert [grid for parcel in parcels for grid in parcel.grids] == grids
    assert GRIDS_PER_EVENT == 500


def test_only_the_countys_own_levels_have_grids_and_the_first_of_a_rank_counts() -> None:
    document = {"levels": [
        {"id": "city", "rank": "prefecture_city", "scope": "upper"},
        {"id": "a", "rank": "township", "scope": "own"},
        {"id": "b", "rank": "township", "scope": "own"},
    ]}  # fmt: skip

    assert {rank: level["id"] for rank, level in domain.own_levels(document).items()} == {
        "township": "a"
    }


@pytest.mark.parametrize("county_id", ["430223", "ab", "a-b_c", "9" * 32])
def test_a_county_id_is_short_plain_and_not_the_citys(county_id: str) -> None:
    assert domain.county_id_faults(county_id) == []


@pytest.mark.parametrize("county_id", ["", "a", "city", "City", "-a", "a\n", "a b", "9" * 33])
def test_any_other_is_a_fault_of_county_id(county_id: str) -> None:
    assert [fault.pointer for fault in domain.county_id_faults(county_id)] == ["/county_id"]


def test_what_cannot_be_stored_is_named_wherever_it_stands() -> None:
    settings = {"a": ["x", {"b": "\x00"}], "c\x00": {"d": "fine"}, "e": "\x00"}

    assert [problem.pointer for problem in storage_problems(settings)] == ["/a/1/b", "", "/e"]


def _fields() -> dict:
    [grid] = made([TOWN])
    return {name: getattr(grid, name) for name in Grid.__slots__}
