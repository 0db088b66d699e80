"""Which grids a point, a code or a name belongs to."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from tests.integration.grid.conftest import Places
from tests.integration.grid.geometry.test_boundaries import square
from wangge.grid.v1 import geometry_pb2

TOWN = "430223126"
PARK, STREET = "430223400", "430223001"


@pytest.fixture
def county(places: Places, county_id: str) -> dict[str, Any]:
    """The grids of one town by division code."""
    places.grids.create(county_id)
    places.grids.bring(county_id, TOWN)
    return {grid.admin_code: grid for grid in places.grids.all(county_id)}


def villages(county: dict[str, Any]) -> list[Any]:
    return [grid for code, grid in county.items() if len(code) == 12]


def test_a_point_answers_every_grid_around_it_deepest_first(
    places: Places, county_id: str, county: dict[str, Any]
) -> None:
    east, west = villages(county)[:2]
    places.bound(county_id, county[TOWN].grid_id, square(113, 27, 0.4))
    places.bound(county_id, west.grid_id, square(113, 27, 0.2))
    places.bound(county_id, east.grid_id, square(113.2, 27, 0.2))

    found = places.located(county_id, lon=113.1, lat=27.1)
    assert [each.grid_id for each in found.grids] == [west.grid_id, county[TOWN].grid_id]
    assert {each.match for each in found.grids} == {geometry_pb2.MATCH_POINT}
    assert list(found.grids[0].names) == [county[TOWN].name, west.name]
    assert not found.carved_out_of
    only_town = places.located(county_id, lon=113.3, lat=27.35)
    assert [each.grid_id for each in only_town.grids] == [county[TOWN].grid_id]
    assert not places.located(county_id, lon=120, lat=30).grids


def test_a_point_on_a_shared_border_belongs_to_one_grid_of_the_level(
    places: Places, county_id: str, county: dict[str, Any]
) -> None:
    first, second = villages(county)[:2]
    places.bound(county_id, first.grid_id, square(113, 27, 0.2))
    places.bound(county_id, second.grid_id, square(113.2, 27, 0.2))

    found = places.located(county_id, lon=113.2, lat=27.1)
    assert [each.grid_id for each in found.grids] == [first.grid_id]


@pytest.mark.requirement("R-GRID-13")
def test_a_point_in_a_park_belongs_to_the_park_and_to_no_street(
    places: Places, county_id: str
) -> None:
    places.grids.create(county_id, template_id="S11")
    places.grids.bring(county_id, PARK, STREET)
    grids = {grid.admin_code: grid for grid in places.grids.all(county_id)}
    park, street = grids[PARK], grids[STREET]
    assert (park.unit_type, street.unit_type) == ("development_zone", "street")
    village = next(g for c, g in grids.items() if c.startswith(STREET) and len(c) == 12)
    inner = next(g for c, g in grids.items() if c.startswith(PARK) and len(c) == 12)
    places.bound(county_id, street.grid_id, square(113, 27, 0.4))
    places.bound(county_id, village.grid_id, square(113, 27, 0.3))
    places.bound(county_id, park.grid_id, square(113.1, 27.1, 0.15))
    places.bound(county_id, inner.grid_id, square(113.1, 27.1, 0.05))

    in_park = places.located(county_id, lon=113.2, lat=27.2)
    assert [each.grid_id for each in in_park.grids] == [park.grid_id]
    assert in_park.grids[0].special
    assert [each.grid_id for each in in_park.carved_out_of] == [village.grid_id, street.grid_id]
    within = places.located(county_id, lon=113.12, lat=27.12)
    assert [each.grid_id for each in within.grids] == [inner.grid_id, park.grid_id]
    beside = places.located(county_id, lon=113.05, lat=27.05)
    assert [each.grid_id for each in beside.grids] == [village.grid_id, street.grid_id]
    assert not beside.carved_out_of


def test_a_code_without_a_grid_falls_to_the_nearest_above(
    places: Places, county_id: str, county: dict[str, Any]
) -> None:
    village = villages(county)[0]

    own = places.located(county_id, code=village.admin_code)
    assert [each.admin_code for each in own.grids] == [village.admin_code, TOWN]
    assert [each.match for each in own.grids] == [
        geometry_pb2.MATCH_EXACT,
        geometry_pb2.MATCH_ABOVE,
    ]
    lost = places.located(county_id, code=f"{TOWN}999")
    assert [each.admin_code for each in lost.grids] == [TOWN]
    assert lost.grids[0].match == geometry_pb2.MATCH_NEAREST
    assert not places.located(county_id, code="430223999999").grids


def test_names_come_exact_first_and_bounded(
    places: Places, county_id: str, county: dict[str, Any]
) -> None:
    name = county[TOWN].name
    village = villages(county)[0].name

    exact = places.located(county_id, name=name)
    assert exact.grids[0].name == name
    assert exact.grids[0].match == geometry_pb2.MATCH_EXACT
    prefix = places.located(county_id, name=village[:2])
    assert prefix.grids[0].match == geometry_pb2.MATCH_PREFIX
    named = next(each for each in prefix.grids if each.name == village)
    assert list(named.names) == [name, village]
    part = places.located(county_id, name="村")
    assert {each.match for each in part.grids} <= {
        geometry_pb2.MATCH_PART,
        geometry_pb2.MATCH_PREFIX,
    }
    assert part.more == (sum("村" in grid.name for grid in county.values()) > 20)
    assert not places.located(county_id, name="%").grids


@pytest.mark.parametrize(
    ("where", "pointer"),
    [
        ({}, ""),
        ({"lon": 113, "lat": 27, "name": "村"}, ""),
        ({"lon": 113}, "/lat"),
        ({"lat": 27}, "/lon"),
        ({"lon": 27, "lat": 113}, "/lon"),
        ({"code": "4302"[:3]}, "/code"),
    ],
)
def test_a_question_that_is_none_is_refused(
    places: Places, county_id: str, where: dict[str, Any], pointer: str
) -> None:
    request = geometry_pb2.LocateGridsRequest(county_id=county_id, **where)
    problem = places.refusal(places.person(county_id, patrol=["g:"]), request)

    (violation,) = problem.violations
    assert violation.pointer == pointer
    assert violation.detail.en != violation.detail.zh


def test_counties_with_the_same_places_never_meet(places: Places, county_id: str) -> None:
    other = f"{county_id}-b"
    for each in (county_id, other):
        places.grids.create(each, name="同名县")
        places.grids.bring(each, TOWN)
        town = next(g for g in places.grids.all(each) if g.admin_code == TOWN)
        places.bound(each, town.grid_id, square(113, 27))
    mine = {grid.grid_id for grid in places.grids.all(county_id)}

    for where in ({"lon": 113.05, "lat": 27.05}, {"code": TOWN}, {"name": "村"}):
        found = places.located(county_id, **where).grids
        assert found
        assert {each.grid_id for each in found} <= mine
    request = geometry_pb2.LocateGridsRequest(county_id=county_id, code=TOWN)
    assert places.refusal(places.person(other, read=["g:"]), request).reason == "COUNTY_NOT_FOUND"
    assert places.refusal([], request).reason == "UNAUTHENTICATED"
    assert places.call(places.city("city_supervisor"), request).grids


def test_a_place_is_answered_as_of_its_time(
    places: Places, county_id: str, county: dict[str, Any]
) -> None:
    first = places.bound(county_id, county[TOWN].grid_id, square(113, 27))
    places.bound(county_id, county[TOWN].grid_id, square(114, 27))
    then = first.valid_from.ToDatetime(tzinfo=UTC)

    assert places.located(county_id, lon=113.05, lat=27.05, as_of=then).grids
    assert not places.located(county_id, lon=113.05, lat=27.05).grids
    before = then - timedelta(days=1)
    request = geometry_pb2.LocateGridsRequest(
        county_id=county_id, lon=113.05, lat=27.05, as_of=before
    )
    who = places.person(county_id, patrol=["g:"])
    assert places.refusal(who, request).reason == "SCHEME_NOT_IN_FORCE"
