"""Boundaries: recorded, kept with their time, refused where they are none, shown on a map."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.rpc.errors import problem_of
from tests.integration.grid.conftest import Places
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import geometry_pb2

TOWN, VILLAGE = "430223126", "430223126201"


def square(lon: float, lat: float, side: float = 0.1) -> dict[str, Any]:
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]}


@pytest.fixture
def town(places: Places, county_id: str) -> Any:
    places.grids.create(county_id)
    places.grids.bring(county_id, TOWN)
    return next(g for g in places.grids.all(county_id) if g.admin_code == TOWN)


def request_for(county_id: str, grid_id: str, **given: Any) -> geometry_pb2.SetBoundaryRequest:
    given.setdefault("geometry_json", orjson.dumps(square(113, 27)).decode())
    given.setdefault("request_id", str(uuid4()))
    return geometry_pb2.SetBoundaryRequest(county_id=county_id, grid_id=grid_id, **given)


def test_a_boundary_is_recorded_and_read_back(places: Places, county_id: str, town: Any) -> None:
    made = places.bound(county_id, town.grid_id, square(113, 27), source="国土调查", note="草图")

    assert made.version == 1
    assert made.area_km2 == pytest.approx(109.93, abs=0.01)
    assert (made.source, made.note, made.datum) == ("国土调查", "草图", geometry_pb2.DATUM_WGS84)
    assert orjson.loads(made.geometry_json) == square(113, 27)
    read = places.call(
        places.person(county_id, read=[f"g:{town.path}"]),
        geometry_pb2.GetBoundaryRequest(county_id=county_id, grid_id=town.grid_id),
    )
    assert read.boundary == made


def test_earlier_boundaries_stay_readable_as_of_their_time(
    places: Places, county_id: str, town: Any
) -> None:
    first = places.bound(county_id, town.grid_id, square(113, 27))
    second = places.bound(county_id, town.grid_id, square(113, 27, 0.2), expected_version=1)

    def at(moment: datetime) -> Any:
        return places.call(
            places.person(county_id, read=["g:"]),
            geometry_pb2.GetBoundaryRequest(
                county_id=county_id, grid_id=town.grid_id, as_of=moment
            ),
        ).boundary

    then = at(first.valid_from.ToDatetime(tzinfo=UTC))
    assert (then.version, then.geometry_json) == (1, first.geometry_json)
    assert then.valid_to == second.valid_from
    now = at(datetime.now(UTC))
    assert (now.version, now.geometry_json) == (2, second.geometry_json)
    assert not now.HasField("valid_to")


def test_a_boundary_may_hold_from_a_later_day(places: Places, county_id: str, town: Any) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    places.bound(county_id, town.grid_id, square(113, 27))
    places.bound(county_id, town.grid_id, square(114, 27), effective_at=later)

    assert [g.name for g in places.located(county_id, lon=113.05, lat=27.05).grids] == [town.name]
    assert not places.located(county_id, lon=114.05, lat=27.05).grids
    there = places.located(county_id, lon=114.05, lat=27.05, as_of=later)
    assert [g.name for g in there.grids] == [town.name]


def test_a_boundary_before_a_recorded_one_is_refused(
    places: Places, county_id: str, town: Any
) -> None:
    places.bound(
        county_id, town.grid_id, square(113, 27), effective_at=datetime.now(UTC) + timedelta(1)
    )
    problem = places.refusal(
        places.person(county_id, configure=["g:"]), request_for(county_id, town.grid_id)
    )
    assert problem.reason == "BOUNDARY_LATER_EXISTS"

    too_early = request_for(county_id, town.grid_id, effective_at=datetime(2020, 1, 1, tzinfo=UTC))
    problem = places.refusal(places.person(county_id, configure=["g:"]), too_early)
    assert [each.pointer for each in problem.violations] == ["/effective_at"]


def test_the_same_request_twice_has_one_effect(places: Places, county_id: str, town: Any) -> None:
    key = str(uuid4())
    who = places.person(county_id, configure=["g:"])
    request = request_for(county_id, town.grid_id, request_id=key)
    token = who  # the same account both times

    first, again = (places.call(token, request) for _ in range(2))
    assert first == again
    assert again.boundary.version == 1


def test_a_stale_version_is_refused(places: Places, county_id: str, town: Any) -> None:
    places.bound(county_id, town.grid_id, square(113, 27))
    places.bound(county_id, town.grid_id, square(113, 27, 0.2))

    problem = places.refusal(
        places.person(county_id, configure=["g:"]),
        request_for(county_id, town.grid_id, expected_version=1),
    )
    assert problem.reason == "STALE_VERSION"


def test_of_two_at_once_with_one_version_one_wins(
    places: Places, county_id: str, town: Any
) -> None:
    places.bound(county_id, town.grid_id, square(113, 27))

    def record(number: int) -> str:
        try:
            places.bound(
                county_id, town.grid_id, square(113, 27, 0.1 + number / 100), expected_version=1
            )
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "recorded"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(record, range(4)))
    assert outcomes == ["STALE_VERSION"] * 3 + ["recorded"]


def test_who_may_record_and_read(places: Places, county_id: str, town: Any) -> None:
    other = f"{county_id}-b"
    places.grids.create(other, name="同名县")
    request = request_for(county_id, town.grid_id)

    for who, reason in (
        (places.person(county_id, read=["g:"]), "PERMISSION_DENIED"),
        (places.person(county_id, configure=["g:9999."]), "PERMISSION_DENIED"),
        (places.person(other, configure=["g:"]), "COUNTY_NOT_FOUND"),
        (places.city("city_supervisor"), "PERMISSION_DENIED"),
        ([], "UNAUTHENTICATED"),
    ):
        assert places.refusal(who, request).reason == reason
    assert places.call(places.operator(), request).boundary.version == 1

    foreign = geometry_pb2.GetBoundaryRequest(county_id=other, grid_id=town.grid_id)
    assert places.refusal(places.person(other, read=["g:"]), foreign).reason == "GRID_NOT_FOUND"
    read = geometry_pb2.GetBoundaryRequest(county_id=county_id, grid_id=town.grid_id)
    outside = places.person(county_id, read=["g:9999."])
    assert places.refusal(outside, read).reason == "PERMISSION_DENIED"
    unknown = geometry_pb2.GetBoundaryRequest(county_id=county_id, grid_id="none")
    assert places.refusal(places.operator(), unknown).reason == "GRID_NOT_FOUND"
    village = next(g for g in places.grids.all(county_id) if g.admin_code == VILLAGE)
    none_yet = geometry_pb2.GetBoundaryRequest(county_id=county_id, grid_id=village.grid_id)
    assert places.refusal(places.operator(), none_yet).reason == "BOUNDARY_NOT_FOUND"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"geometry_json": "nonsense"}, ("/geometry", "对象")),
        ({"geometry_json": '{"type":"Moon"}'}, ("/geometry/type", "GeoJSON")),
        ({"geometry_json": '{"type":"Polygon","coordinates":[]}'}, ("/geometry/coordinates", "环")),
        (
            {"geometry_json": orjson.dumps(square(27, 113)).decode()},
            ("/geometry/coordinates", "颠倒"),
        ),
        ({"datum": 9}, ("/datum", "gcj02")),
    ],
)
def test_what_is_no_boundary_is_refused_at_its_pointer(
    places: Places, county_id: str, town: Any, given: dict[str, Any], said: tuple[str, str]
) -> None:
    request = request_for(county_id, town.grid_id, **given)
    problem = places.refusal(places.person(county_id, configure=["g:"]), request)

    pointer, words = said
    (violation,) = problem.violations
    assert violation.pointer == pointer
    assert words in violation.detail.zh
    assert violation.detail.en


@pytest.mark.usefixtures("town")
def test_a_map_comes_in_pages_of_a_subtree(places: Places, county_id: str) -> None:
    all_grids = places.grids.all(county_id)
    for number, grid in enumerate(all_grids):
        places.bound(county_id, grid.grid_id, square(113 + number, 27))

    def page(who: Any, **given: Any) -> Any:
        return places.call(who, geometry_pb2.ListBoundariesRequest(county_id=county_id, **given))

    reader = places.person(county_id, read=["g:"])
    seen, token = [], ""
    while True:
        found = page(reader, page_size=3, page_token=token)
        assert len(found.features) <= 3
        seen += found.features
        token = found.next_page_token
        if not token:
            break
    assert [feature.path for feature in seen] == [grid.path for grid in all_grids]
    below = page(reader, grid_id=all_grids[-1].grid_id)
    assert [feature.name for feature in below.features] == [all_grids[-1].name]
    of_level = page(reader, level_id="township")
    assert {feature.level_id for feature in of_level.features} == {"township"}
    assert orjson.loads(seen[0].geometry_json) == square(113, 27)

    of_one = places.person(county_id, read=[f"g:{all_grids[-1].path}"])
    assert [feature.path for feature in page(of_one).features] == [all_grids[-1].path]
    with pytest.raises(grpc.RpcError) as refused:
        page(of_one, grid_id=all_grids[0].grid_id)
    assert problem_of(refused.value).reason == "PERMISSION_DENIED"


@pytest.mark.usefixtures("town")
def test_a_page_of_long_boundaries_ends_early(places: Places, county_id: str) -> None:
    def comb(lon: float) -> dict[str, Any]:
        teeth = [[lon + 0.5 * n / 19_000, 27.0 + 0.1 * (n % 2)] for n in range(19_000)]
        ring = [*teeth, [lon + 0.5, 26], [lon, 26], teeth[0]]
        return {"type": "Polygon", "coordinates": [ring]}

    for number, grid in enumerate(places.grids.all(county_id)[:5]):
        places.bound(county_id, grid.grid_id, comb(110 + number))

    reader = places.person(county_id, read=["g:"])
    first = places.call(reader, geometry_pb2.ListBoundariesRequest(county_id=county_id))
    assert len(first.features) == 3
    rest = places.call(
        reader,
        geometry_pb2.ListBoundariesRequest(county_id=county_id, page_token=first.next_page_token),
    )
    assert len(rest.features) == 2
    assert not rest.next_page_token


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grid_boundaries SET area_km2 = 1",
        "UPDATE grid_boundaries SET valid_from = now()",
        "DELETE FROM grid_boundaries",
    ],
)
def test_the_database_itself_keeps_what_was_recorded(databases: Databases, statement: str) -> None:
    with databases.engine("grid").connect() as connection, pytest.raises(ProgrammingError) as no:
        connection.execute(text(statement))
    assert "permission denied" in str(no.value)


def test_a_grid_that_has_ended_takes_no_later_boundary(
    places: Places, county_id: str, town: Any, databases: Databases
) -> None:
    ending = text("UPDATE grids SET valid_to = now() WHERE county_id = :c AND grid_id = :g")
    with databases.admin_engine("grid").begin() as connection:
        connection.execute(ending, {"c": county_id, "g": town.grid_id})

    problem = places.refusal(
        places.person(county_id, configure=["g:"]), request_for(county_id, town.grid_id)
    )
    assert [each.pointer for each in problem.violations] == ["/effective_at"]
