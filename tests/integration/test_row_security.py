"""Every table of every service keeps each county to itself, in the database as it really is."""

from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.processes import SERVICES

ROOT = Path(__file__).resolve().parents[2]
MIGRATED = [name for name in SERVICES if (ROOT / "services" / name / "migrations").is_dir()]
ACROSS_COUNTIES = {"ix_outbox_pending"}
"""The relay's index, which alone asks for rows of all counties at once."""

TABLES = text(
    "SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text AS owner, "
    "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'county_id' "
    "        AND attnotnull AND NOT attisdropped) AS of_county "
    "FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
    "AND relname <> 'alembic_version'"
)
POLICIES = text(
    "SELECT tablename, policyname, roles::text[] AS roles, cmd, qual, with_check FROM pg_policies"
)
INDEXES = text(
    "SELECT i.indexrelid::regclass::text AS name, a.attname AS first "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
    "LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
    "WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
)
ROLES = text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY(:names)")
MEMBERSHIPS = text("SELECT count(*) FROM pg_auth_members WHERE member::regrole::text = ANY(:names)")


def faults_of(connection, service):
    """What stands in the way of row-level security, in words."""
    policies = {}
    for policy in connection.execute(POLICIES):
        policies.setdefault(policy.tablename, []).append(policy)
    faults = []
    for table in connection.execute(TABLES):
        faults += _faults_of_table(table, policies.get(table.relname, []), service)
    return faults


def _faults_of_table(table, policies, service):
    name = table.relname
    if not table.of_county:
        yield f"{name} has no county_id that is never null"
    if not (table.relrowsecurity and table.relforcerowsecurity):
        yield f"{name} does not force row-level security"
    if table.owner != f"wangge_{service}_owner":
        yield f"{name} belongs to {table.owner}"
    own = [each for each in policies if each.policyname == f"{name}_county"]
    if not (own and own[0].cmd == "ALL" and _binds(own[0].qual) and _binds(own[0].with_check)):
        yield f"{name} has no policy that binds reading and writing to the county"
    for policy in policies:
        open_to = set(policy.roles) - {f"wangge_{service}_worker"}
        if open_to and policy not in own:
            yield f"policy {policy.policyname} opens {name} to {open_to}"


def _binds(condition):
    return condition is not None and condition.replace(" ", "").startswith("(county_id=NULLIF(")


@pytest.fixture(params=MIGRATED)
def service(request):
    return request.param


def test_every_table_is_bound_to_the_transactions_county(databases, service):
    with databases.admin_engine(service).connect() as connection:
        assert faults_of(connection, service) == []
        assert len(connection.execute(TABLES).all()) > 3


def test_every_index_starts_with_the_county(databases, service):
    with databases.admin_engine(service).connect() as connection:
        found = connection.execute(INDEXES).all()

    others = {index.name for index in found if index.first != "county_id"}
    assert others == ACROSS_COUNTIES


def test_the_roles_that_log_in_are_bound_by_the_policies(databases, service):
    names = [f"wangge_{service}", f"wangge_{service}_worker"]
    with databases.admin_engine(service).connect() as connection:
        found = connection.execute(ROLES, {"names": names}).all()
        memberships = connection.execute(MEMBERSHIPS, {"names": names}).scalar_one()

    assert len(found) == 2
    assert not any(role.rolsuper or role.rolbypassrls for role in found)
    assert memberships == 0


def test_without_a_county_the_application_sees_no_row(databases, service):
    with databases.admin_engine(service).connect() as connection:
        names = [table.relname for table in connection.execute(TABLES)]
    with databases.engine(service).connect() as connection:
        counts = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in names
        }

    assert counts == dict.fromkeys(names, 0)


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        ("CREATE TABLE stray (county_id text NOT NULL)", "stray does not force row-level security"),
        ("CREATE TABLE stray (id int)", "stray has no county_id that is never null"),
        (
            """
            CREATE TABLE stray (county_id text NOT NULL);
            ALTER TABLE stray ENABLE ROW LEVEL SECURITY;
            ALTER TABLE stray FORCE ROW LEVEL SECURITY;
            CREATE POLICY stray_county ON stray USING (true) WITH CHECK (true)
            """,
            "stray has no policy that binds reading and writing to the county",
        ),
    ],
    ids=["unprotected", "without a county", "open"],
)
def test_a_table_without_its_policy_is_found(databases, made, fault):
    service = MIGRATED[0]
    with databases.admin_engine(service).connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE wangge_{service}_owner"))
        for statement in made.split(";"):
            connection.execute(text(statement))

        found = faults_of(connection, service)

        connection.rollback()
    assert fault in found
