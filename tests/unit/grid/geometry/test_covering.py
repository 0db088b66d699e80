"""Overlaps, gaps and what sticks out, on made-up land of which the truth is known."""

import time
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from services.grid.geometry.domain import boundaries as places
from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import Here, PlacedGrid
from services.grid.geometry.domain.covering import Coverage
from tests.tessellation import LAND, cells

ROOT = UUID(int=1)
PARK = "park"


def placed(
    number: int, shape: BaseGeometry, *, parent: UUID | None = ROOT, unit_type: str = "village"
) -> PlacedGrid:
    return PlacedGrid(
        grid_id=UUID(int=number),
        parent_id=parent,
        path=f"1.{number}." if parent == ROOT else f"{number}.",
        level_id="village" if parent else "township",
        rank="village",
        unit_type=unit_type,
        name=f"网格{number}",
        admin_code=None,
        wkb=shapely.to_wkb(shape),
        area_km2=geometry.area_km2(shape),
    )


def land(*shapes: BaseGeometry, around: Polygon = LAND) -> list[PlacedGrid]:
    parts = [placed(number, shape) for number, shape in enumerate(shapes, start=2)]
    return [placed(1, around, parent=None), *parts]


def coverage(grids: Sequence[PlacedGrid], tolerance_m2: float = 100.0) -> Coverage:
    return Coverage(grids, lambda grid: grid.unit_type == PARK, tolerance_m2)


def at(grids: Sequence[PlacedGrid], lon: float, lat: float) -> tuple[list[Here], list[Here]]:
    return places.belonging([
        Here(grid, inside, places.is_special(grid, {PARK}))
        for grid in grids
        if grid.wkb and (inside := geometry.relation(grid.wkb, lon, lat)) is not None
    ])  # fmt: skip


TESSELLATIONS = st.tuples(st.integers(2, 60), st.integers(0, 10_000))


@settings(max_examples=60, deadline=None)
@given(TESSELLATIONS, st.floats(113.0, 114.0), st.floats(27.0, 28.0))
def test_every_point_of_a_tessellation_lies_in_exactly_one_cell(
    drawn: tuple[int, int], lon: float, lat: float
) -> None:
    grids = land(*cells(*drawn))

    belongs, lost = at(grids, lon, lat)
    assert lost == []
    assert [here.grid.level_id for here in belongs] == ["village", "township"]


@settings(max_examples=40, deadline=None)
@given(TESSELLATIONS, st.integers(0, 1000))
def test_every_vertex_of_a_tessellation_lies_in_exactly_one_cell(
    drawn: tuple[int, int], pick: int
) -> None:
    shapes = cells(*drawn)
    corners = shapely.get_coordinates(shapes)
    lon, lat = corners[pick % len(corners)]

    belongs, _ = at(land(*shapes), lon, lat)
    assert [here.grid.level_id for here in belongs] == ["village", "township"]


@settings(max_examples=60, deadline=None)
@given(TESSELLATIONS)
def test_a_tessellation_has_neither_overlaps_nor_gaps(drawn: tuple[int, int]) -> None:
    found = coverage(land(*cells(*drawn)))

    assert found.overlaps() == []
    assert found.gaps({}) == []
    assert found.outside() == []


@settings(max_examples=60, deadline=None)
@given(TESSELLATIONS)
def test_the_areas_of_a_tessellation_add_up(drawn: tuple[int, int]) -> None:
    total = sum(geometry.area_km2(cell) for cell in cells(*drawn))

    assert total == pytest.approx(geometry.area_km2(LAND), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(TESSELLATIONS, st.integers(0, 1000))
def test_a_cell_left_out_is_the_gap(drawn: tuple[int, int], pick: int) -> None:
    shapes = cells(*drawn)
    lost = shapes.pop(pick % len(shapes))
    (gap,) = coverage(land(*shapes)).gaps({ROOT: 3})

    assert gap.grid_id == ROOT
    assert gap.other_id is None
    assert gap.area_km2 == pytest.approx(geometry.area_km2(lost), rel=1e-6)
    assert shapely.contains_xy(lost, gap.lon, gap.lat)
    assert gap.parts == 1
    assert gap.without_boundary == 3


@settings(max_examples=40, deadline=None)
@given(TESSELLATIONS, st.integers(0, 1000))
def test_a_cell_drawn_twice_overlaps_itself(drawn: tuple[int, int], pick: int) -> None:
    shapes = cells(*drawn)
    twice = shapes[pick % len(shapes)]
    (overlap,) = coverage(land(*shapes, twice)).overlaps()

    assert {overlap.grid_id, overlap.other_id} == {
        UUID(int=2 + pick % len(shapes)),
        UUID(int=2 + len(shapes)),
    }
    assert overlap.area_km2 == pytest.approx(geometry.area_km2(twice), rel=1e-6)
    assert shapely.contains_xy(twice, overlap.lon, overlap.lat)


def test_overlaps_come_largest_first_with_a_point_inside() -> None:
    found = coverage(
        land(box(113, 27, 113.3, 28), box(113.2, 27, 113.7, 28), box(113.69, 27, 114, 28))
    ).overlaps()

    assert [(one.grid_id.int, one.other_id and one.other_id.int) for one in found] == [
        (2, 3),
        (3, 4),
    ]
    assert 113.2 < found[0].lon < 113.3


def test_what_is_smaller_than_the_tolerance_does_not_count() -> None:
    sliver = land(box(113, 27, 113.500001, 28), box(113.5, 27, 114, 28))

    assert coverage(sliver, tolerance_m2=20_000).overlaps() == []
    assert len(coverage(sliver, tolerance_m2=100).overlaps()) == 1


def test_what_sticks_out_of_the_grid_above_is_found() -> None:
    (out,) = coverage(land(box(113.5, 27.5, 114.1, 27.6))).outside()

    assert (out.grid_id.int, out.other_id) == (2, ROOT)
    assert out.area_km2 == pytest.approx(geometry.area_km2(box(114, 27.5, 114.1, 27.6)))
    assert 114 < out.lon < 114.1


def test_a_park_neither_overlaps_its_street_nor_leaves_a_gap() -> None:
    west, east = box(113, 27, 113.5, 28), box(113.5, 27, 114, 28)
    hole = box(113.4, 27.4, 113.6, 27.6)
    park = placed(9, hole, unit_type=PARK)
    drawn_whole = [*land(west, east), park]
    drawn_around = [*land(west - hole, east - hole), park]

    for grids in (drawn_whole, drawn_around):
        assert coverage(grids).overlaps() == []
        assert coverage(grids).gaps({}) == []
    belongs, lost = at(drawn_whole, 113.45, 27.5)
    assert [here.grid.grid_id.int for here in belongs] == [9, 1]
    assert [here.grid.grid_id.int for here in lost] == [2]


def test_what_lies_below_a_park_does_not_overlap_the_street_either() -> None:
    hole = box(113.4, 27.4, 113.6, 27.6)
    park = placed(9, hole, unit_type=PARK)
    below = replace(placed(10, hole, parent=park.grid_id), path="1.9.10.")
    grids = [*land(LAND), park, below]

    assert coverage(grids).overlaps() == []
    belongs, lost = at(grids, 113.5, 27.5)
    assert [here.grid.grid_id.int for here in belongs] == [10, 9, 1]
    assert [here.grid.grid_id.int for here in lost] == [2]


def test_of_parks_within_each_other_the_smallest_comes_first() -> None:
    wide = placed(8, box(113.2, 27.2, 113.8, 27.8), unit_type=PARK)
    narrow = placed(9, box(113.4, 27.4, 113.6, 27.6), unit_type=PARK)
    belongs, lost = at([*land(LAND), wide, narrow], 113.5, 27.5)

    assert [here.grid.grid_id.int for here in belongs] == [9, 8, 1]
    assert [here.grid.grid_id.int for here in lost] == [2]
    (overlap,) = coverage([*land(LAND), wide, narrow]).overlaps()
    assert {overlap.grid_id, overlap.other_id} == {wide.grid_id, narrow.grid_id}


def test_nothing_is_found_where_nothing_is_drawn() -> None:
    found = coverage([])

    assert (found.overlaps(), found.gaps({}), found.outside()) == ([], [], [])


def test_three_thousand_grids_are_compared_in_seconds() -> None:
    started = time.process_time()
    found = coverage(land(*cells(3000, seed=1)))
    results = (found.overlaps(), found.gaps({}), found.outside())
    taken = time.process_time() - started
    print(f"3000 cells compared in {taken:.2f} s")

    assert results == ([], [], [])
    assert taken < 15  # several times what it takes
