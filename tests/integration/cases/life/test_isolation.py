"""Two counties that are equal in everything but their id never meet."""

import grpc
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from services.cases.models import Base
from shared.db.transaction import SET_COUNTY
from tests.integration.cases.county import VILLAGE, County, MakeCounty
from tests.integration.service_fixtures import Databases
from tests.support.refusals import refusal

CODE = grpc.StatusCode
Both = tuple[County, County]
TENANT_TABLES = sorted(Base.metadata.tables)
STEPS = ("Accept", "Reject", "Transfer", "Acknowledge", "Decline", "Handle", "Verify", "Close")
EVERYTHING = {
    name: ["g:"]
    for name in ("read", "accept", "transfer", "accept_transfer", "handle", "verify", "close")
}


@pytest.fixture
def both(make_county: MakeCounty, county_id: str) -> Both:
    return make_county(county_id), make_county(f"{county_id}-b")


def test_the_same_source_opens_a_case_in_each(both: Both) -> None:
    one, other = both
    source = "0199b1f4-0000-7000-8000-000000000001"

    mine, theirs = one.opened(origin_id=source), other.opened(origin_id=source)

    assert one.office.ids(grid_id=str(VILLAGE)) == [mine]
    assert other.office.ids(origin_id=source) == [theirs]
    assert one.office.get(mine).number.endswith("-0001")
    assert other.office.get(theirs).number.endswith("-0001")


def test_another_countys_case_is_not_found_by_any_rpc(both: Both) -> None:
    one, other = both
    case_id = one.opened()
    intruder = other.somebody(**EVERYTHING)
    required = {"Reject": {"reason": "x"}, "Decline": {"reason": "x"}, "Handle": {"result": "x"}}

    for method in ("GetCase", "GetCaseHistory"):
        assert refusal(intruder.call, method, case_id=case_id).reason == "CASE_NOT_FOUND"
    for step in STEPS:
        given = {"passed": True} if step == "Verify" else required.get(step, {})
        assert refusal(intruder.take, step, case_id, **given).reason == "CASE_NOT_FOUND"
    assert intruder.ids() == []
    assert one.office.get(case_id).version == 1


def test_naming_another_county_gains_nothing(both: Both) -> None:
    one, other = both
    case_id = one.opened()
    intruder = other.somebody(**EVERYTHING)

    problem = refusal(intruder.call, "GetCase", county_id=one.county_id, case_id=case_id)

    assert (problem.status, problem.reason) == (CODE.NOT_FOUND, "COUNTY_NOT_FOUND")


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_database_itself_hides_other_counties(
    databases: Databases, both: Both, table: str
) -> None:
    one, other = both
    one.township.take("Accept", one.opened(), request_id=one.county_id)
    count = text(f"SELECT count(*) FROM {table} WHERE county_id = :c")

    with databases.engine("cases").begin() as connection:
        unbound = connection.execute(count, {"c": one.county_id}).scalar()
        connection.execute(SET_COUNTY, {"county": other.county_id})
        bound_elsewhere = connection.execute(count, {"c": one.county_id}).scalar()

    assert (unbound, bound_elsewhere) == (0, 0)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_table_is_secured_and_keyed_by_county(databases: Databases, table: str) -> None:
    with databases.admin_engine("cases").connect() as connection:
        secured = connection.execute(
            text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = :t"),
            {"t": table},
        ).scalar()
        found = inspect(connection)
        named = {index["name"]: index["column_names"] for index in found.get_indexes(table)}
        # The relay asks for the oldest pending events of all counties at once.
        indexes = [columns for name, columns in named.items() if name != "ix_outbox_pending"]
        key = found.get_pk_constraint(table)["constrained_columns"]

    assert secured
    assert key[0] == "county_id"
    assert {columns[0] for columns in indexes} <= {"county_id"}


def test_a_row_cannot_be_written_for_another_county(databases: Databases, both: Both) -> None:
    one, other = both
    forged = text("INSERT INTO case_numbers VALUES (:c, '2026-03-06', 1)")

    with databases.engine("cases").connect() as connection:
        connection.execute(SET_COUNTY, {"county": other.county_id})
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(forged, {"c": one.county_id})


def test_the_worker_finds_what_is_due_in_every_county_and_nothing_else(
    databases: Databases, both: Both
) -> None:
    for county in both:
        county.opened()
    running = text(
        "SELECT DISTINCT county_id FROM case_clocks "
        "WHERE county_id LIKE :like AND stopped_at IS NULL AND due_at IS NOT NULL"
    )

    with databases.worker_engine("cases").connect() as connection:
        found = connection.execute(running, {"like": f"{both[0].county_id}%"}).scalars().all()
    assert set(found) == {county.county_id for county in both}

    for statement in ("SELECT * FROM cases", "UPDATE case_clocks SET due_at = now()"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            databases.worker_engine("cases").begin() as connection,
        ):
            connection.execute(text(statement))
