"""Creating counties, listing them, and reading their schemes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc
import orjson
import pytest
from sqlalchemy import text

from shared.rpc import paging
from shared.rpc.errors import problem_of
from tests.integration.grid.conftest import (
    CHALING,
    LAIYUAN,
    YOU_COUNTY,
    GridService,
    pointers,
    reason,
    refusal,
)
from wangge.grid.v1 import county_pb2
from wangge.grid.v1 import grid_service_pb2 as pb


def test_a_county_starts_with_version_1_of_a_whole_scheme_and_two_events(
    grid: GridService, county_id: str
) -> None:
    answer = grid.create(county_id, name="攸县", settings={"name": "攸县方案"})

    county, scheme = answer.county, answer.scheme
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert (county.county_id, county.name, county.admin_code) == (county_id, "攸县", YOU_COUNTY)
    assert (county.time_zone, county.version) == ("Asia/Shanghai", 1)
    assert county.state == county_pb2.COUNTY_STATE_ACTIVE
    assert (scheme.county_id, scheme.version, scheme.effective_on) == (county_id, 1, today)
    document = orjson.loads(scheme.document_json)
    assert document["name"] == "攸县方案"
    created, published = grid.events(county_id)
    assert created["type"] == "wangge.grid.county.created.v1"
    assert created["data"] == {
        "county_id": county_id,
        "name": "攸县",
        "admin_code": YOU_COUNTY,
        "time_zone": "Asia/Shanghai",
    }
    assert published["type"] == "wangge.grid.scheme.published.v1"
    assert published["data"] == {"version": 1, "effective_on": today, "document": document}
    assert {event["countyid"] for event in (created, published)} == {county_id}


def test_every_fault_is_named_at_once(grid: GridService, county_id: str) -> None:
    settings = {
        "levels": [{"id": "Bad Id", "rank": "moon", "scope": "own", "name": ""}],
        "calendar": {"time_zone": "Mars/Phobos"},
        "surprise": 1,
    }

    found = pointers(
        lambda: grid.create(
            county_id, name=" ", admin_code="43022", effective_on="tomorrow", settings=settings
        )
    )

    assert {"/name", "/admin_code", "/effective_on"} <= set(found)
    assert {"/settings/levels/0/id", "/settings/levels/0/rank", "/settings/levels/0/name"} <= set(
        found
    )
    assert {"/settings/calendar/time_zone", "/settings/surprise"} <= set(found)
    assert len(found) == len(set(found))
    assert set(grid.rows(county_id).values()) == {0}


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"settings_json": "{"}, "/settings"),
        ({"settings_json": "[]"}, "/settings"),
        ({"settings": {"name": "甲\x00乙"}}, "/settings/name"),
        ({"settings": {"checklist": [{"a\x00": 1}]}}, "/settings/checklist/0"),
        ({"template_id": "S99"}, "/template_id"),
        ({"template_id": "../S01"}, "/template_id"),
        ({"admin_code": "999999"}, "/admin_code"),
        ({"admin_code": "abcdef"}, "/admin_code"),
        ({"admin_code": "430223126"}, "/admin_code"),
        ({"name": "县" * 101}, "/name"),
        ({"effective_on": "20261001"}, "/effective_on"),
        ({"effective_on": "2026-02-30"}, "/effective_on"),
        ({"settings": {"levels": [{"id": "village", "rank": "village", "scope": "own",
                                   "name": "村", "expected_count": 3_000_000_000}]}},
         "/settings/levels/0/expected_count"),
    ],
)  # fmt: skip
def test_a_single_fault_is_refused_by_name(
    grid: GridService, county_id: str, given: dict, pointer: str
) -> None:
    problem = refusal(lambda: grid.create(county_id, **given))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert pointer in [violation.pointer for violation in problem.violations]
    assert all(v.detail.en and v.detail.zh != v.detail.en for v in problem.violations)
    assert grid.rows(county_id)["counties"] == 0


def test_settings_nested_without_end_are_refused(grid: GridService, county_id: str) -> None:
    deep = '{"a":' * 900 + "1" + "}" * 900

    problem = refusal(lambda: grid.create(county_id, settings_json=deep))

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert problem.violations[0].pointer == "/settings" + "/a" * 32


@pytest.mark.parametrize("county_id", ["", "city", "A1", "x", "-ab", "攸县", "a" * 33, "a b"])
def test_an_id_that_cannot_be_a_county_is_refused(grid: GridService, county_id: str) -> None:
    assert pointers(lambda: grid.create(county_id)) == ["/county_id"]


def test_an_id_in_use_is_taken_whoever_asks(grid: GridService, county: str) -> None:
    again = lambda: grid.create(county, name="另一个县", admin_code=LAIYUAN)  # noqa: E731

    assert reason(again) == ("ALREADY_EXISTS", "COUNTY_EXISTS")
    assert len(grid.events(county)) == 2
    assert grid.calls.GetCounty(
        pb.GetCountyRequest(county_id=county), metadata=grid.admin(county)
    ).county.name == "测试县"  # fmt: skip


def test_the_same_request_at_once_and_again_creates_one_county(
    grid: GridService, county_id: str
) -> None:
    me = grid.city()

    def create(_: int) -> bytes:
        answer = grid.create(county_id, request_id="key-1", metadata=me)
        return answer.SerializeToString(deterministic=True)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(create, range(8)))

    assert answers == {create(9)}
    assert len(grid.events(county_id)) == 2
    assert grid.rows(county_id)["county_directory"] == 1
    changed = lambda: grid.create(county_id, request_id="key-1", metadata=me, name="改")  # noqa: E731
    assert reason(changed) == ("INVALID_ARGUMENT", "IDEMPOTENCY_KEY_REUSED")


def test_of_two_different_requests_at_once_one_wins(grid: GridService, county_id: str) -> None:
    def create(number: int) -> str:
        try:
            return grid.create(county_id, name=f"县{number}", request_id=f"k{number}").county.name
        except grpc.RpcError as error:
            return problem_of(error).reason

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(create, range(6)))

    assert sum(outcome.startswith("县") for outcome in outcomes) == 1
    assert outcomes.count("COUNTY_EXISTS") == 5
    assert len(grid.events(county_id)) == 2


def test_without_its_event_a_county_is_not_created(grid: GridService, county_id: str) -> None:
    name = county_id.replace("-", "_")
    with grid.databases.admin_engine("grid").begin() as connection:
        connection.execute(text(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'no room for events'; END $$"
        ))  # fmt: skip
        connection.execute(text(
            f"CREATE TRIGGER refuse_{name} BEFORE INSERT ON outbox FOR EACH ROW "
            f"WHEN (NEW.county_id = '{county_id}' AND NEW.key = 'scheme.published.v1') "
            f"EXECUTE FUNCTION refuse_{name}()"
        ))  # fmt: skip
    try:
        problem = refusal(lambda: grid.create(county_id, request_id="key-1"))
    finally:
        with grid.databases.admin_engine("grid").begin() as connection:
            connection.execute(text(f"DROP FUNCTION refuse_{name} CASCADE"))

    assert problem.status is grpc.StatusCode.INTERNAL
    assert set(grid.rows(county_id).values()) == {0}
    assert grid.create(county_id, request_id="key-1").county.county_id == county_id


def test_only_the_citys_operators_create_counties(grid: GridService, county_id: str) -> None:
    supervisor = grid.city("city_supervisor")
    own_admin = grid.admin(county_id)
    stranger = grid.admin("elsewhere")

    for named in (county_id, "city"):
        by = lambda: grid.create(named, metadata=supervisor)  # noqa: B023, E731
        assert reason(by) == ("PERMISSION_DENIED", "PERMISSION_DENIED")
    assert reason(lambda: grid.create(county_id, metadata=own_admin))[0] == "PERMISSION_DENIED"
    assert reason(lambda: grid.create(county_id, metadata=stranger))[0] == "NOT_FOUND"
    assert grid.rows(county_id)["counties"] == 0


def test_the_citys_list_pages_through_all_counties_and_shows_a_county_nothing(
    grid: GridService, county_id: str
) -> None:
    mine = [f"{county_id}-{n}" for n in range(3)]
    for one in mine:
        grid.create(one, name=f"县{one[-1]}", admin_code=CHALING, template_id="S12")

    seen, page_token = [], ""
    while True:
        request = pb.ListCountiesRequest(page_size=2, page_token=page_token)
        page = grid.calls.ListCounties(request, metadata=grid.city("city_supervisor"))
        assert len(page.counties) <= 2
        seen += page.counties
        if not (page_token := page.next_page_token):
            break

    ids = [county.county_id for county in seen]
    assert ids == sorted(set(ids))
    listed = [county for county in seen if county.county_id in mine]
    assert [county.name for county in listed] == ["县0", "县1", "县2"]
    asked = pb.GetCountyRequest(county_id=mine[0])
    assert listed[0] == grid.calls.GetCounty(asked, metadata=grid.admin(mine[0])).county
    by_county = lambda: grid.calls.ListCounties(  # noqa: E731
        pb.ListCountiesRequest(), metadata=grid.admin(mine[0])
    )
    assert reason(by_county)[0] == "PERMISSION_DENIED"


@pytest.mark.parametrize("key", [5, None, "a\x00b", ["x"], "Ä"])
def test_a_forged_page_token_is_refused(grid: GridService, key: object) -> None:
    request = pb.ListCountiesRequest(page_token=paging.encode(key))

    assert pointers(lambda: grid.calls.ListCounties(request, metadata=grid.city())) == [
        "/page_token"
    ]


def test_a_county_is_found_by_its_own_people_and_the_city_alone(
    grid: GridService, county: str
) -> None:
    request = pb.GetCountyRequest(county_id=county)

    for caller in (grid.caller(county), grid.city("city_supervisor")):
        assert grid.calls.GetCounty(request, metadata=caller).county.county_id == county
    stranger = lambda: grid.calls.GetCounty(request, metadata=grid.admin("elsewhere"))  # noqa: E731
    assert reason(stranger) == ("NOT_FOUND", "COUNTY_NOT_FOUND")
    nowhere = pb.GetCountyRequest(county_id="nowhere")
    assert reason(lambda: grid.calls.GetCounty(nowhere, metadata=grid.city())) == (
        "NOT_FOUND",
        "COUNTY_NOT_FOUND",
    )


def test_the_scheme_is_the_one_in_force_on_the_day_asked_for(
    grid: GridService, county_id: str
) -> None:
    first_day = datetime.now(UTC).date() - timedelta(days=30)
    made = grid.create(county_id, effective_on=first_day.isoformat()).scheme
    later = {**orjson.loads(made.document_json), "name": "第二版"}
    with grid.databases.admin_engine("grid").begin() as connection:
        connection.execute(
            text("INSERT INTO scheme_versions VALUES (:c, 2, :day, CAST(:doc AS jsonb), now())"),
            {"c": county_id, "day": first_day + timedelta(days=10),
             "doc": orjson.dumps(later).decode()},
        )  # fmt: skip

    def version(days: int | None) -> int:
        as_of = "" if days is None else (first_day + timedelta(days=days)).isoformat()
        request = pb.GetSchemeRequest(county_id=county_id, as_of=as_of)
        return grid.calls.GetScheme(request, metadata=grid.caller(county_id)).scheme.version

    assert [version(days) for days in (0, 9, 10, 400, None)] == [1, 1, 2, 2, 2]
    assert reason(lambda: version(-1)) == ("NOT_FOUND", "SCHEME_NOT_IN_FORCE")


def test_a_scheme_that_begins_later_is_not_in_force_today(
    grid: GridService, county_id: str
) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    grid.create(county_id, effective_on=day)
    request = pb.GetSchemeRequest(county_id=county_id)

    today = lambda: grid.calls.GetScheme(request, metadata=grid.admin(county_id))  # noqa: E731

    assert reason(today) == ("NOT_FOUND", "SCHEME_NOT_IN_FORCE")
    request.as_of = day
    assert today().scheme.version == 1
    request.as_of = "2026-W01-1"
    assert pointers(today) == ["/as_of"]


def test_templates_are_listed_without_and_read_with_their_documents(
    grid: GridService, county_id: str
) -> None:
    me = grid.caller(county_id)

    listed = grid.calls.ListTemplates(pb.ListTemplatesRequest(), metadata=me).templates
    one = grid.calls.GetTemplate(pb.GetTemplateRequest(template_id="S12"), metadata=me).template

    assert [known.template_id for known in listed] == [f"S{n:02}" for n in range(1, 18)]
    assert not any(known.document_json for known in listed)
    assert all(known.name and known.source for known in listed)
    assert orjson.loads(one.document_json)["template"] == "S12"
    assert (one.name, one.source) == (listed[11].name, listed[11].source)
    unknown = pb.GetTemplateRequest(template_id="S18")
    assert reason(lambda: grid.calls.GetTemplate(unknown, metadata=me)) == (
        "NOT_FOUND",
        "TEMPLATE_UNKNOWN",
    )


@pytest.mark.parametrize("template_id", [f"S{n:02}" for n in range(1, 18)])
def test_every_template_makes_a_county(grid: GridService, county_id: str, template_id: str) -> None:
    scheme = grid.create(county_id, template_id=template_id, settings={"calendar": None}).scheme

    assert orjson.loads(scheme.document_json)["template"] == template_id
    assert orjson.loads(scheme.document_json)["levels"]
