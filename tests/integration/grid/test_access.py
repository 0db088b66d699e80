"""Who may do what, and that counties never meet."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import ProgrammingError

from services.grid.tree.domain.grids import GridFilters
from shared.db.transaction import SET_COUNTY
from shared.paging import PageRequest
from tests.integration.grid.conftest import Grids, store_of
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import counties_pb2, divisions_pb2, schemes_pb2, tree_pb2

TABLES = (
    "counties",
    "county_directory",
    "county_states",
    "scheme_versions",
    "scheme_drafts",
    "scheme_shelf",
    "rule_documents",
    "rule_versions",
    "rule_filings",
    "grids",
    "grid_past",
    "grid_changes",
    "grid_boundaries",
    "grid_points",
)

ALLOWED = {
    "CreateCounty": {"operator"},
    "ListCounties": {"operator", "supervisor"},
    "GetCounty": {"operator", "supervisor", "patroller", "configurer", "reader"},
    "ListTemplates": {"operator", "supervisor", "patroller", "configurer", "reader"},
    "GetTemplate": {"operator", "supervisor", "patroller", "configurer", "reader"},
    "GetScheme": {"operator", "supervisor", "patroller", "configurer", "reader"},
    "ImportDivisions": {"operator", "configurer"},
    "GetGrid": {"operator", "supervisor", "reader"},
    "ListGrids": {"operator", "supervisor", "reader"},
    "ListAncestors": {"operator", "supervisor", "reader"},
}


def requests(county_id: str, grid_id: str) -> dict[str, Any]:
    return {
        "CreateCounty": counties_pb2.CreateCountyRequest(
            county_id=f"{county_id}-new", name="新县", admin_code="430224", template_id="S12"
        ),
        "ListCounties": counties_pb2.ListCountiesRequest(),
        "GetCounty": counties_pb2.GetCountyRequest(county_id=county_id),
        "ListTemplates": schemes_pb2.ListTemplatesRequest(),
        "GetTemplate": schemes_pb2.GetTemplateRequest(template_id="S01"),
        "GetScheme": schemes_pb2.GetSchemeRequest(county_id=county_id),
        "ImportDivisions": divisions_pb2.ImportDivisionsRequest(
            county_id=county_id, codes=["430223126"]
        ),
        "GetGrid": tree_pb2.GetGridRequest(county_id=county_id, grid_id=grid_id),
        "ListGrids": tree_pb2.ListGridsRequest(county_id=county_id),
        "ListAncestors": tree_pb2.ListAncestorsRequest(county_id=county_id, grid_id=grid_id),
    }


@pytest.mark.parametrize("method", ALLOWED)
def test_each_method_is_for_whom_it_is_meant(grids: Grids, county_id: str, method: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223126")
    request = requests(county_id, grids.all(county_id)[0].grid_id)[method]
    people = {
        "operator": grids.operator(),
        "supervisor": grids.city("city_supervisor"),
        "patroller": grids.person(county_id, patrol=["g:"]),
        "configurer": grids.person(county_id, configure=["g:"]),
        "reader": grids.person(county_id, read=["g:"]),
    }

    for name, who in people.items():
        if name in ALLOWED[method]:
            grids.call(who, request)
        else:
            assert grids.refusal(who, request).status.name in {"PERMISSION_DENIED", "NOT_FOUND"}
    assert grids.refusal([], request).status.name == "UNAUTHENTICATED"


def test_who_configures_a_township_does_not_import_into_the_county(
    grids: Grids, county_id: str
) -> None:
    grids.create(county_id)
    request = divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=["430223126"])

    refused = grids.refusal(grids.person(county_id, configure=["g:1."]), request)

    assert refused.status.name == "PERMISSION_DENIED"


def test_a_grid_is_read_within_one_s_subtree_only(grids: Grids, county_id: str) -> None:
    grids.create(county_id)
    grids.bring(county_id, "430223126", "430223125")
    mine, other = grids.all(county_id, level_id="township")
    who = grids.person(county_id, read=[f"g:{mine.path}"])

    seen = grids.all(county_id, who=who)

    assert {grid.path.split(".")[0] for grid in seen} == {mine.path.rstrip(".")}
    assert len(seen) > 1
    got = grids.call(who, tree_pb2.GetGridRequest(county_id=county_id, grid_id=mine.grid_id)).grid
    assert got == mine
    request = tree_pb2.GetGridRequest(county_id=county_id, grid_id=other.grid_id)
    assert grids.refusal(who, request).status.name == "PERMISSION_DENIED"
    assert grids.all(county_id, who=who, parent_id=other.grid_id) == []
    assert grids.all(county_id, who=grids.person(county_id, read=["d:ecology"])) == []


@pytest.mark.requirement("R-TEN-01", part="grids and schemes")
def test_counties_of_equal_names_and_codes_never_meet(
    grids: Grids, two_counties: Callable[[], tuple[str, str]]
) -> None:
    mine, other = two_counties()
    me = grids.person(mine, read=["g:"], configure=["g:"])
    theirs = grids.all(other)

    assert [grid.admin_code for grid in theirs] == [g.admin_code for g in grids.all(mine)]
    assert {g.grid_id for g in theirs}.isdisjoint(g.grid_id for g in grids.all(mine))
    for grid in theirs:
        request = tree_pb2.GetGridRequest(county_id=mine, grid_id=grid.grid_id)
        refused = grids.refusal(me, request)
        assert (refused.status.name, refused.reason) == ("NOT_FOUND", "GRID_NOT_FOUND")
    assert grids.all(mine, parent_id=theirs[0].grid_id) == []
    for method in (
        "GetCounty",
        "GetScheme",
        "ImportDivisions",
        "GetGrid",
        "ListGrids",
        "ListAncestors",
    ):
        refused = grids.refusal(me, requests(other, theirs[0].grid_id)[method])
        assert (refused.status.name, refused.reason) == ("NOT_FOUND", "COUNTY_NOT_FOUND")


def as_county(databases: Databases, county_id: str | None) -> Connection:
    connection = databases.engine("grid").connect()
    if county_id is not None:
        connection.execute(SET_COUNTY, {"county": county_id})
    return connection


def owners(connection: Connection, table: str) -> set[str]:
    return set(connection.execute(text(f"SELECT DISTINCT county_id FROM {table}")).scalars())


def test_the_database_itself_shows_a_transaction_its_own_county_only(
    databases: Databases, two_counties: Callable[[], tuple[str, str]]
) -> None:
    mine, _ = two_counties()

    for table in TABLES:
        with as_county(databases, None) as connection:
            assert owners(connection, table) == set()
        with as_county(databases, "") as connection:
            assert owners(connection, table) == set()
    for table in ("counties", "scheme_versions", "grids", "outbox", "idempotency_keys"):
        with as_county(databases, mine) as connection:
            assert owners(connection, table) == {mine}


def test_the_directory_is_seen_by_the_city_alone(
    databases: Databases, two_counties: Callable[[], tuple[str, str]]
) -> None:
    mine, other = two_counties()

    with as_county(databases, mine) as connection:
        assert owners(connection, "county_directory") == set()
    with as_county(databases, "city") as connection:
        listed = connection.execute(text("SELECT listed_id FROM county_directory")).scalars()
        assert {mine, other} <= set(listed)
        assert owners(connection, "counties") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grids SET county_id = :other",
        "UPDATE counties SET county_id = :other",
        """INSERT INTO grids (county_id, grid_id, node, path, level_id, rank, unit_type, name,
           valid_from, version) VALUES (:other, :id, 9, '9.', 'x', 'x', 'x', 'x', now(), 1)""",
        """INSERT INTO county_directory (county_id, listed_id, name, admin_code, time_zone, state,
           created_at, version) VALUES ('city', :id, 'x', 'x', 'x', 'active', now(), 1)""",
    ],
)
def test_the_database_itself_refuses_to_write_into_another_county(
    databases: Databases, two_counties: Callable[[], tuple[str, str]], statement: str
) -> None:
    mine, other = two_counties()

    with (
        as_county(databases, mine) as connection,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        connection.execute(text(statement), {"other": other, "id": uuid4()})


def test_row_level_security_lets_a_subtree_be_a_range_of_the_index(
    databases: Databases, two_counties: Callable[[], tuple[str, str]]
) -> None:
    mine, _ = two_counties()
    asked: list[tuple[str, Any]] = []

    with as_county(databases, mine) as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _, __, statement, given, *___: asked.append((statement, given)),
        )
        store_of(connection, mine).page(
            ["1."], GridFilters(), datetime.now(UTC), PageRequest(10, ("1.2.",))
        )
        (statement, given) = asked[0]
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        connection.execute(text("SET LOCAL enable_sort = off"))
        plan = list(connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars())

    (condition,) = (line for line in plan if "Index Cond" in line)
    assert "trail >=" in condition
    assert "trail <" in condition
    assert "trail >" in condition.replace("trail >=", "")
