from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import orjson
import pytest

from services.grid.schemas import EVENTS
from shared.contracts.grid import STRUCTURE
from shared.db import migrate
from tests.integration.grid.conftest import Grids
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import counties_pb2, schemes_pb2, tree_pb2
from wangge.grid.v1.counties_pb2 import SuspendCountyRequest

NOW_OR_EARLIER = "2026-01-01"


def scheme(grids: Grids, county_id: str, as_of: str = "") -> schemes_pb2.Scheme:
    request = schemes_pb2.GetSchemeRequest(county_id=county_id, as_of=as_of)
    return grids.call(grids.person(county_id, read=["g:1."]), request).scheme


def request_of(county_id: str, **given: str) -> counties_pb2.CreateCountyRequest:
    fields = {"name": "测试县", "admin_code": "430223", "template_id": "S06", **given}
    return counties_pb2.CreateCountyRequest(county_id=county_id, **fields)


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("grid")
    migrate.check("grid", databases.admin_url)


def test_a_county_comes_with_version_one_of_its_scheme_and_both_events(
    grids: Grids, county_id: str
) -> None:
    made = grids.create(
        county_id,
        name=" 攸县 ",
        settings={"name": "攸县网格", "calendar": {"time_zone": "Asia/Urumqi"}},
        effective_on=NOW_OR_EARLIER,
    )

    assert (made.county.name, made.county.admin_code) == ("攸县", "430223")
    assert made.county.state == counties_pb2.COUNTY_STATE_ACTIVE
    assert made.county.time_zone == "Asia/Urumqi"
    assert (made.scheme.version, made.scheme.effective_on) == (1, NOW_OR_EARLIER)
    assert scheme(grids, county_id) == made.scheme
    created, published = grids.events(county_id)
    assert created["type"].endswith("county.created.v1")
    assert created["data"] == {
        "county_id": county_id,
        "name": "攸县",
        "admin_code": "430223",
        "time_zone": "Asia/Urumqi",
    }
    assert published["type"].endswith("scheme.published.v1")
    assert published["data"]["document"] == orjson.loads(made.scheme.document_json)
    assert published["data"]["document"]["name"] == "攸县网格"
    assert {created["countyid"], published["countyid"]} == {county_id}


def test_every_event_of_the_service_can_be_read_by_its_consumers(
    grids: Grids, county_id: str
) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223126")
    grids.call(grids.operator(), SuspendCountyRequest(county_id=county_id, reason="机构调整"))

    schemas = {emission.key: emission.schema for emission in EVENTS.values()}
    seen = set()
    for event in grids.events(county_id):
        key = next(key for key in schemas if event["type"].endswith(key))
        schemas[key].load(event["data"])
        seen.add(key)
    assert seen == {*(EVENTS[kind].key for kind in STRUCTURE), "county.changed.v1"}


@pytest.mark.requirement("R-TEN-11", part="it is stored as null")
def test_what_a_template_does_not_state_stays_null(grids: Grids, county_id: str) -> None:
    document = orjson.loads(grids.create(county_id).scheme.document_json)

    assert [level["number"] for level in document["levels"]] == [None, None]
    assert [level["expected_count"] for level in document["levels"]] == [None, None]


def test_a_county_id_is_given_once(grids: Grids, county_id: str) -> None:
    grids.create(county_id)

    refused = grids.refusal(grids.operator(), request_of(county_id))

    assert (refused.status.name, refused.reason) == ("ALREADY_EXISTS", "COUNTY_EXISTS")
    assert len(grids.events(county_id)) == 2


def test_one_request_sent_four_times_at_once_makes_one_county(grids: Grids, county_id: str) -> None:
    who = grids.city("city_operator", person_id=uuid4())
    request = request_of(county_id, request_id="one-key")

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: grids.call(who, request), range(4)))

    assert all(reply == replies[0] for reply in replies)
    assert len(grids.events(county_id)) == 2


def test_four_operators_at_once_make_one_county(grids: Grids, county_id: str) -> None:
    def attempt(_: int) -> str:
        try:
            grids.call(grids.operator(), request_of(county_id))
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))

    assert outcomes == ["ALREADY_EXISTS", "ALREADY_EXISTS", "ALREADY_EXISTS", "OK"]


def test_every_fault_is_named_at_once(grids: Grids) -> None:
    settings = {"levels": [{"id": "x"}], "calendar": {"time_zone": "Mars/Base"}, "nonsense": 1}
    request = counties_pb2.CreateCountyRequest(
        county_id="Bad-Id",
        name="县" * 101,
        admin_code="430299",
        template_id="S06",
        settings_json=orjson.dumps(settings).decode(),
    )

    refused = grids.refusal(grids.operator(), request)

    assert refused.status is grpc.StatusCode.INVALID_ARGUMENT
    pointers = {violation.pointer for violation in refused.violations}
    assert {
        "/county_id",
        "/name",
        "/admin_code",
        "/settings/nonsense",
        "/settings/calendar/time_zone",
        "/settings/levels/0/rank",
        "/settings/levels/0/name",
    } <= pointers
    assert all(v.detail.en and v.detail.zh for v in refused.violations)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"county_id": ""}, "/county_id"),
        ({"county_id": "city"}, "/county_id"),
        ({"county_id": "-a"}, "/county_id"),
        ({"county_id": "a" * 33}, "/county_id"),
        ({"name": "   "}, "/name"),
        ({"name": "县\n名"}, "/name"),
        ({"name": "县" * 101}, "/name"),
        ({"admin_code": "4302"}, "/admin_code"),
        ({"admin_code": "43022x"}, "/admin_code"),
        ({"admin_code": ""}, "/admin_code"),
        ({"template_id": "S99"}, "/template_id"),
        ({"settings_json": "{"}, "/settings"),
        ({"settings_json": "[]"}, "/settings"),
        ({"effective_on": "2026-02-30"}, "/effective_on"),
    ],
)
def test_bad_input_names_its_field(
    grids: Grids, county_id: str, given: dict[str, str], pointer: str
) -> None:
    wanted = {"county_id": county_id, **given}

    refused = grids.refusal(grids.operator(), request_of(**wanted))

    assert refused.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in refused.violations] == [pointer]


def test_a_county_s_code_is_its_id_unless_given(grids: Grids, county_id: str) -> None:
    refused = grids.refusal(grids.operator(), request_of(county_id, admin_code=""))

    assert [violation.pointer for violation in refused.violations] == ["/admin_code"]


def test_a_scheme_holds_from_its_day_on(grids: Grids, county_id: str) -> None:
    grids.create(county_id, effective_on="2026-03-01")

    assert scheme(grids, county_id, "2026-03-01").version == 1
    assert scheme(grids, county_id, "2030-01-01").version == 1
    request = schemes_pb2.GetSchemeRequest(county_id=county_id, as_of="2026-02-28")
    refused = grids.refusal(grids.person(county_id, read=["g:"]), request)
    assert (refused.status.name, refused.reason) == ("NOT_FOUND", "SCHEME_NOT_IN_FORCE")
    request.as_of = "yesterday"
    refused = grids.refusal(grids.person(county_id, read=["g:"]), request)
    assert [violation.pointer for violation in refused.violations] == ["/as_of"]


def test_a_newer_version_takes_over_on_its_day(
    grids: Grids, county_id: str, databases: Databases
) -> None:
    grids.create(county_id, effective_on="2026-03-01")
    insert = """INSERT INTO scheme_versions
        SELECT county_id, 2, '2026-05-01', document, published_at FROM scheme_versions
        WHERE county_id = %s"""
    with databases.admin_engine("grid").begin() as connection:
        connection.exec_driver_sql(insert, (county_id,))

    assert scheme(grids, county_id, "2026-04-30").version == 1
    assert scheme(grids, county_id, "2026-05-01").version == 2


def test_a_published_scheme_cannot_be_changed_by_the_application(databases: Databases) -> None:
    for statement in ("UPDATE scheme_versions SET version = 9", "DELETE FROM scheme_versions"):
        with (
            databases.engine("grid").connect() as connection,
            pytest.raises(Exception, match="permission denied"),
        ):
            connection.exec_driver_sql(statement)


def test_the_city_lists_all_counties_page_by_page(grids: Grids, county_id: str) -> None:
    wanted = [f"{county_id}-{letter}" for letter in "abc"]
    for each in wanted:
        grids.create(each)
    found = []
    token = ""

    while True:
        page = grids.call(
            grids.city("city_supervisor"),
            counties_pb2.ListCountiesRequest(page_size=2, page_token=token),
        )
        assert len(page.counties) <= 2
        found += [county.county_id for county in page.counties]
        token = page.next_page_token
        if not token:
            break

    assert [each for each in found if each.startswith(f"{county_id}-")] == wanted
    assert found == sorted(set(found))


def test_a_foreign_page_token_is_refused(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    listed = counties_pb2.ListCountiesRequest(page_token="WzFd")  # [1]
    refused = grids.refusal(grids.operator(), listed)
    assert [violation.pointer for violation in refused.violations] == ["/page_token"]

    for token in ("WzFd", "WyIxLiddIl0", "nonsense", "WyJ0MSJd"):
        request = tree_pb2.ListGridsRequest(county_id=county_id, page_token=token)
        refused = grids.refusal(grids.person(county_id, read=["g:"]), request)
        assert [violation.pointer for violation in refused.violations] == ["/page_token"]


def test_templates_come_with_their_documents(grids: Grids, county_id: str) -> None:
    who = grids.person(county_id)
    listed = grids.call(who, schemes_pb2.ListTemplatesRequest()).templates

    assert [template.template_id for template in listed] == [f"S{n:02}" for n in range(1, 18)]
    assert not any(template.document_json for template in listed)
    one = grids.call(who, schemes_pb2.GetTemplateRequest(template_id="S12")).template
    assert orjson.loads(one.document_json)["template"] == "S12"
    assert (one.name, one.source) == (listed[11].name, listed[11].source)
    refused = grids.refusal(grids.operator(), schemes_pb2.GetTemplateRequest(template_id="S18"))
    assert (refused.status.name, refused.reason) == ("NOT_FOUND", "TEMPLATE_UNKNOWN")
