"""What lies at the edge: unreadable settings, half-written counties, the city's reach, real counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, text

from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import counties_pb2, divisions_pb2, schemes_pb2

TOWN = "430223126"
TABLES = ("counties", "scheme_versions", "grids", "outbox", "idempotency_keys")


def request(county_id: str, **given: Any) -> counties_pb2.CreateCountyRequest:
    usual = {"name": "测试县", "admin_code": "430223", "template_id": "S01"}
    return counties_pb2.CreateCountyRequest(county_id=county_id, **{**usual, **given})


def pointers(grids: Grids, asked: Any) -> list[str]:
    problem = grids.refusal(grids.operator(), asked)
    assert problem.status.name == "INVALID_ARGUMENT"
    assert all(fault.detail.en != fault.detail.zh for fault in problem.violations)
    return [fault.pointer for fault in problem.violations]


def rows(databases: Databases, county_id: str) -> dict[str, int]:
    """How many rows each table holds for the county, and the city's directory of it."""

    def count(connection: Connection, table: str, column: str) -> int:
        query = text(f"SELECT count(*) FROM {table} WHERE {column} = :c")
        return connection.execute(query, {"c": county_id}).scalar_one()

    with databases.admin_engine("grid").connect() as connection:
        found = {table: count(connection, table, "county_id") for table in TABLES}
        return {**found, "county_directory": count(connection, "county_directory", "listed_id")}


@pytest.fixture
def refused_events(databases: Databases, county_id: str) -> Iterator[None]:
    """The database takes no scheme.published.v1 of the county."""
    name = f"refuse_{county_id.replace('-', '_')}"
    with databases.admin_engine("grid").begin() as connection:
        connection.execute(text(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'no room for events'; END $$"
        ))  # fmt: skip
        connection.execute(text(
            f"CREATE TRIGGER {name} BEFORE INSERT ON outbox FOR EACH ROW "
            f"WHEN (NEW.county_id = '{county_id}' AND NEW.key = 'scheme.published.v1') "
            f"EXECUTE FUNCTION {name}()"
        ))  # fmt: skip
    yield
    with databases.admin_engine("grid").begin() as connection:
        connection.execute(text(f"DROP FUNCTION {name} CASCADE"))


def test_everything_that_cannot_be_read_is_named_at_once(grids: Grids, county_id: str) -> None:
    asked = request(county_id, name=" ", admin_code="43022", settings_json="{",
                    effective_on="tomorrow")  # fmt: skip

    assert sorted(pointers(grids, asked)) == [
        "/admin_code",
        "/effective_on",
        "/name",
        "/settings",
    ]


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"name": "甲\x00乙"}, "/settings/name"),
        ({"checklist": [{"a\x00": 1}]}, "/settings/checklist/0"),
        ({"levels": [{"id": "v", "rank": "village", "scope": "own", "name": "村",
                      "expected_count": 3_000_000_000}]}, "/settings/levels/0/expected_count"),
    ],
)  # fmt: skip
def test_what_no_database_or_message_can_hold_is_refused_by_name(
    grids: Grids, county_id: str, settings: dict, pointer: str
) -> None:
    asked = request(county_id, settings_json=orjson.dumps(settings).decode())

    assert pointer in pointers(grids, asked)


def test_settings_nested_without_end_are_refused(grids: Grids, county_id: str) -> None:
    asked = request(county_id, settings_json='{"a":' * 900 + "1" + "}" * 900)

    assert pointers(grids, asked) == ["/settings" + "/a" * 32]


@pytest.mark.parametrize("day", ["20261001", "2026-W01-1", "2026-02-30", "2026-1-1"])
def test_a_day_has_one_form(grids: Grids, county_id: str, day: str) -> None:
    assert pointers(grids, request(county_id, effective_on=day)) == ["/effective_on"]


@pytest.mark.usefixtures("refused_events")
def test_without_its_events_a_county_is_not_created(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    asked = request(county_id, request_id="key-1")

    assert grids.refusal(grids.operator(), asked).status.name == "INTERNAL"
    assert set(rows(databases, county_id).values()) == {0}


@pytest.mark.parametrize("named", ["city", "", "fresh"])
def test_a_supervisor_creates_no_county_whatever_it_is_called(
    grids: Grids, county_id: str, named: str
) -> None:
    asked = request(county_id if named == "fresh" else named)

    assert grids.refusal(grids.city("city_supervisor"), asked).reason == "PERMISSION_DENIED"


def test_a_city_operator_imports_into_the_county_named_and_no_other(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    twin = f"{county_id}-twin"
    for each in (county_id, twin):
        grids.create(each)
    asked = divisions_pb2.ImportDivisionsRequest(
        county_id=county_id, codes=[TOWN], request_id="key-1"
    )

    made = grids.call(grids.operator(), asked)

    assert rows(databases, county_id)["grids"] == made.created > 1
    assert rows(databases, twin)["grids"] == rows(databases, "city")["grids"] == 0
    assert grids.events(county_id)[-1]["countyid"] == county_id
    assert grids.refusal(grids.city("city_supervisor"), asked).reason == "PERMISSION_DENIED"
    for nobody in ("city", "", "nowhere"):
        asked.county_id = nobody
        assert grids.refusal(grids.operator(), asked).reason == "COUNTY_NOT_FOUND"


def test_a_scheme_that_begins_later_holds_from_its_day(grids: Grids, county_id: str) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    grids.create(county_id, effective_on=day)
    me = grids.person(county_id, read=["g:"])

    today = schemes_pb2.GetSchemeRequest(county_id=county_id)

    assert grids.refusal(me, today).reason == "SCHEME_NOT_IN_FORCE"
    then = schemes_pb2.GetSchemeRequest(as_of=day)  # the token's county where none is named
    assert grids.call(me, then).scheme.county_id == county_id


@pytest.mark.parametrize("template_id", [f"S{number:02}" for number in range(1, 18)])
def test_every_template_makes_a_county_also_without_a_calendar(
    grids: Grids, county_id: str, template_id: str
) -> None:
    made = grids.create(county_id, template_id=template_id, settings={"calendar": None})

    assert orjson.loads(made.scheme.document_json)["template"] == template_id
    assert made.county.time_zone == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("admin_code", "template_id", "code", "expected"),
    [
        ("430223", "S01", "430223", {"township": 19, "village": 299}),
        ("130630", "S04", "130630104", {"township": 1, "village": 21}),
        pytest.param(
            "430224", "S12", "430224", {"township": 18, "village": 247, "village_group": 0},
            marks=pytest.mark.requirement("R-GRID-10"),
        ),
    ],
)  # fmt: skip
def test_real_counties_become_whole_trees(  # noqa: PLR0917 - the county's data
    grids: Grids,
    county_id: str,
    admin_code: str,
    template_id: str,
    code: str,
    expected: dict[str, int],
) -> None:
    grids.create(county_id, admin_code=admin_code, template_id=template_id)

    made = grids.bring(county_id, code)

    assert {level.level_id: level.count for level in made.levels} == expected
    found = grids.all(county_id, page_size=500)
    by_id = {grid.grid_id: grid for grid in found}
    nodes = sorted(int(grid.path.split(".")[-2]) for grid in found)
    assert nodes == list(range(1, made.created + 1))
    for grid in found:
        above = by_id[grid.parent_id].path if grid.parent_id else ""
        assert grid.path.startswith(above)
        assert grid.path.count(".") == above.count(".") + 1
        assert (grid.level_id == "township") == (not grid.parent_id)
    assert grids.bring(county_id, code).created == 0


def test_three_hundred_codes_cost_one_reading_of_the_table(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223")
    codes = [grid.admin_code for grid in grids.all(county_id, page_size=500)]
    started = datetime.now(UTC)

    again = grids.bring(county_id, *codes)

    assert (again.created, again.unchanged) == (0, 318)
    assert datetime.now(UTC) - started < timedelta(seconds=3)
    too_many = divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=[TOWN] * 1001)
    assert pointers(grids, too_many) == ["/codes"]
