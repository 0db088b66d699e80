"""Reading grids: how far one sees, what narrows, and what another county sees."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import exc, select, text

from services.grid import models
from shared.db import migrate
from shared.db.transaction import SET_COUNTY
from shared.rpc import paging
from tests.integration.grid.conftest import (
    OTHER_YOU_TOWN,
    YOU_TOWN,
    GridService,
    pointers,
    reason,
)
from tests.integration.service_fixtures import Databases
from wangge.grid.v1 import grid_pb2
from wangge.grid.v1 import grid_service_pb2 as pb


@pytest.fixture
def towns(grid: GridService, county: str) -> tuple[grid_pb2.Grid, grid_pb2.Grid]:
    """Two townships of the county with their villages."""
    grid.take(county, YOU_TOWN, OTHER_YOU_TOWN)
    first, second = grid.grids(county, level_id="township")
    return first, second


def ask(grid: GridService, county: str, grid_id: str, metadata: object) -> Callable:
    request = pb.GetGridRequest(county_id=county, grid_id=grid_id)
    return lambda: grid.calls.GetGrid(request, metadata=metadata)


def test_one_reads_ones_own_subtree_and_no_other(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    mine, other = towns
    me = grid.caller(county, read=[f"g:{mine.path}"])

    assert ask(grid, county, mine.grid_id, me)().grid == mine
    assert reason(ask(grid, county, other.grid_id, me)) == (
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    )
    seen = grid.grids(county, me)
    assert seen == [one for one in grid.grids(county) if one.path.startswith(mine.path)]
    assert len(seen) > 1
    assert grid.grids(county, me, parent_id=other.grid_id) == []
    no_post = grid.caller(county, patrol=["g:"])
    assert reason(ask(grid, county, mine.grid_id, no_post))[0] == "PERMISSION_DENIED"


def test_a_department_alone_reads_no_grid(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    department = grid.caller(county, read=["d:ecology"])

    assert grid.grids(county, department) == []
    assert reason(ask(grid, county, towns[0].grid_id, department))[0] == "PERMISSION_DENIED"


def test_a_subtree_is_not_taken_for_one_whose_number_begins_alike(
    grid: GridService, county: str
) -> None:
    grid.take(county, "430223")
    first = next(one for one in grid.grids(county) if one.path == "1.")

    seen = grid.grids(county, grid.caller(county, read=["g:1."]))

    assert {one.path.split(".")[0] for one in seen} == {"1"}
    assert seen[0] == first


def test_the_city_reads_any_county_it_names(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    for role in ("city_operator", "city_supervisor"):
        assert ask(grid, county, towns[0].grid_id, grid.city(role))().grid == towns[0]
        assert grid.grids(county, grid.city(role)) == grid.grids(county)


def test_another_county_finds_nothing_by_either_name(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    twin = f"{county}-twin"
    grid.create(twin)
    grid.take(twin, YOU_TOWN)
    stranger = grid.admin(twin)

    assert reason(ask(grid, county, towns[0].grid_id, stranger)) == (
        "NOT_FOUND",
        "COUNTY_NOT_FOUND",
    )
    assert reason(ask(grid, twin, towns[0].grid_id, stranger)) == ("NOT_FOUND", "GRID_NOT_FOUND")
    assert reason(lambda: grid.grids(county, stranger))[0] == "NOT_FOUND"
    theirs = {one.grid_id for one in grid.grids(twin, stranger)}
    assert theirs.isdisjoint(one.grid_id for one in grid.grids(county))
    assert grid.grids(twin, stranger, parent_id=towns[0].grid_id) == []


def test_what_is_no_grid_is_not_found(grid: GridService, county: str) -> None:
    for grid_id in (str(uuid4()), "nonsense", ""):
        assert reason(ask(grid, county, grid_id, grid.admin(county))) == (
            "NOT_FOUND",
            "GRID_NOT_FOUND",
        )


def test_filters_narrow_and_go_together(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    town = next(one for one in towns if one.admin_code == YOU_TOWN)
    villages = grid.grids(county, parent_id=town.grid_id)

    assert {one.level_id for one in villages} == {"village"}
    assert grid.grids(county, admin_code=YOU_TOWN) == [town]
    assert grid.grids(county, level_id="township") == list(towns)
    assert grid.grids(county, level_id="moon") == []
    named = villages[0].name
    assert villages[0] in grid.grids(county, name=named[:2], level_id="village")
    assert grid.grids(county, name="%") == grid.grids(county, name="_") == []
    assert grid.grids(county, name=named, level_id="township") == []


def test_pages_follow_each_other_without_gap_or_overlap(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    everything = grid.grids(county)
    seen, page_token = [], ""
    for _ in range(100):
        request = pb.ListGridsRequest(county_id=county, page_size=7, page_token=page_token)
        page = grid.calls.ListGrids(request, metadata=grid.admin(county))
        assert 1 <= len(page.grids) <= 7
        seen += page.grids
        if not (page_token := page.next_page_token):
            break

    assert seen == everything
    assert towns[0] == everything[0]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"page_token": paging.encode("x")}, "/page_token"),
        ({"page_token": paging.encode(2**31)}, "/page_token"),
        ({"page_token": paging.encode(-1)}, "/page_token"),
        ({"page_token": paging.encode(1, 2)}, "/page_token"),
        ({"page_token": "?"}, "/page_token"),
        ({"page_size": 501}, "/page_size"),
        ({"page_size": -1}, "/page_size"),
        ({"parent_id": "7"}, "/parent_id"),
        ({"as_of": {"seconds": 10**15}}, "/as_of"),
        ({"name": "a\x00"}, "/name"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_field(
    grid: GridService, county: str, given: dict, pointer: str
) -> None:
    request = pb.ListGridsRequest(county_id=county, **given)

    assert pointers(lambda: grid.calls.ListGrids(request, metadata=grid.admin(county))) == [pointer]


def test_a_list_shows_the_grids_of_the_moment_asked_for(
    grid: GridService, county: str, towns: tuple[grid_pb2.Grid, grid_pb2.Grid]
) -> None:
    now = datetime.now(UTC)
    retired = towns[1]
    with grid.databases.admin_engine("grid").begin() as connection:
        connection.execute(
            text("UPDATE grids SET valid_from = :begin WHERE county_id = :c"),
            {"begin": now - timedelta(days=9), "c": county},
        )
        connection.execute(
            text("UPDATE grids SET valid_to = :end WHERE county_id = :c AND grid_id = :id"),
            {"end": now - timedelta(days=3), "c": county, "id": retired.grid_id},
        )

    def shown(days_ago: int) -> set[str]:
        at = now - timedelta(days=days_ago)
        return {one.grid_id for one in grid.grids(county, level_id="township", as_of=at)}

    both = {one.grid_id for one in towns}
    assert shown(10) == set()
    assert shown(9) == shown(4) == both
    assert shown(3) == both - {retired.grid_id}
    assert {one.grid_id for one in grid.grids(county, level_id="township")} == shown(0)
    assert ask(grid, county, retired.grid_id, grid.admin(county))().grid.HasField("valid_to")


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.engine("grid")
    migrate.check("grid", databases.admin_url)


TENANT_TABLES = sorted(models.Base.metadata.tables)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_database_itself_keeps_counties_apart(
    grid: GridService, county: str, table: str
) -> None:
    grid.create(f"{county}-twin", request_id="key-1")
    grid.take(county, YOU_TOWN, request_id="key-1")
    column = models.Base.metadata.tables[table].c.county_id

    def owners(of: str | None) -> set[str]:
        with grid.databases.engine("grid").connect() as connection:
            if of is not None:
                connection.execute(SET_COUNTY, {"county": of})
            return set(connection.execute(select(column)).scalars())

    assert owners(None) == owners("") == set()
    assert owners(county) <= {county}
    assert owners(f"{county}-twin") <= {f"{county}-twin"}
    assert owners("city") <= {"city"}
    empty_for_a_county = {"county_directory", "inbox"}
    assert bool(owners(county)) is (table not in empty_for_a_county)


def test_no_county_writes_into_another_or_into_the_citys_list(
    grid: GridService, county: str
) -> None:
    moves = (
        "UPDATE counties SET county_id = 'elsewhere'",
        """INSERT INTO county_directory
           SELECT 'city', 'x', name, admin_code, time_zone, state, created_at, version
           FROM counties""",
    )
    for statement in moves:
        with grid.databases.engine("grid").connect() as connection:
            connection.execute(SET_COUNTY, {"county": county})
            with pytest.raises(exc.ProgrammingError, match="row-level security"):
                connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scheme_versions SET document = '{}'",
        "UPDATE scheme_versions SET effective_on = '2000-01-01'",
        "DELETE FROM scheme_versions",
        "TRUNCATE scheme_versions",
    ],
)
def test_the_application_cannot_change_a_published_scheme(
    grid: GridService, county: str, statement: str
) -> None:
    with grid.databases.engine("grid").connect() as connection:
        connection.execute(SET_COUNTY, {"county": county})
        with pytest.raises(exc.ProgrammingError, match="permission denied"):
            connection.execute(text(statement))
