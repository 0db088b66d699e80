"""Roles, databases and rights on a real server; `prepare` brings them about and back."""

import threading

import psycopg
import pytest
from sqlalchemy.engine import make_url

from deploy import prepare, roles, secret_files
from deploy.connections import connect
from deploy.processes import SERVICES


@pytest.fixture(scope="module")
def settings(database_url, amqp_url, secrets_dir):
    return prepare.Settings(
        make_url(database_url), amqp_url, secrets_dir, generate=True, retry_seconds=(1.0,)
    )


@pytest.fixture(scope="module")
def prepared(settings):
    with roles.admin_connection(settings.admin) as connection:
        prepare.prepare_logins(settings, connection)
    return settings


@pytest.fixture
def table(prepared):
    """A table as a migration would make it: by the owner, in the service's database."""
    with roles.admin_connection(prepared.admin, "wangge_grid") as connection:
        connection.execute("SET ROLE wangge_grid_owner")
        connection.execute("CREATE TABLE prepare_probe (id bigserial PRIMARY KEY, note text)")
        yield "prepare_probe"
        connection.execute("DROP TABLE prepare_probe")


def login(settings, file):
    return connect(make_url(secret_files.read(settings.secrets_dir, file)), autocommit=True)


ROLE_KINDS = ("", "_owner", "_worker")


def attributes(settings):
    with roles.admin_connection(settings.admin) as connection:
        return connection.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1",
            [[f"wangge_{service}{kind}" for service in SERVICES for kind in ROLE_KINDS]],
        ).fetchall()


def test_every_service_has_a_database_and_two_logins(prepared):
    for entry in secret_files.LOGINS:
        with login(prepared, entry.file) as connection:
            found = connection.execute("SELECT current_user, current_database()").fetchone()
        assert found == (entry.role, f"wangge_{entry.service}")


def test_no_role_can_log_in_as_owner_or_step_over_row_level_security(prepared):
    found = attributes(prepared)

    assert len(found) == 3 * len(SERVICES)
    for name, can_login, *powers in found:
        assert can_login == (not name.endswith("_owner"))
        assert powers == [False] * 4


def test_preparing_again_changes_neither_roles_nor_passwords(prepared):
    before = attributes(prepared), secret_files.passwords(prepared.secrets_dir)

    with roles.admin_connection(prepared.admin) as connection:
        prepare.prepare_logins(prepared, connection)

    assert (attributes(prepared), secret_files.passwords(prepared.secrets_dir)) == before


def test_a_changed_secret_becomes_the_password(prepared):
    path = prepared.secrets_dir / "grid.database_url"
    before = path.read_text()
    changed = make_url(before).set(password="a new one, chosen by hand")
    try:
        path.write_text(changed.render_as_string(hide_password=False))

        with roles.admin_connection(prepared.admin) as connection:
            prepare.prepare_logins(prepared, connection)

        with login(prepared, "grid.database_url") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        path.write_text(before)
        with roles.admin_connection(prepared.admin) as connection:
            prepare.prepare_logins(prepared, connection)


def test_the_application_works_with_the_owners_rows_but_not_with_its_tables(prepared, table):
    with login(prepared, "grid.database_url") as connection:
        connection.execute(f"INSERT INTO {table} (note) VALUES ('x')")
        connection.execute(f"UPDATE {table} SET note = 'y'")
        connection.execute(f"DELETE FROM {table}")

        for forbidden in (
            f"DROP TABLE {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "SET ROLE wangge_grid_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_the_worker_sees_nothing_until_a_migration_grants_it(prepared, table):
    with (
        login(prepared, "grid.worker_database_url") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT * FROM {table}")


def test_a_service_cannot_reach_the_database_of_another(prepared):
    url = make_url(secret_files.read(prepared.secrets_dir, "grid.database_url"))

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(url.set(database="wangge_cases"))


def test_a_role_that_bypasses_row_level_security_stops_everything(prepared):
    with roles.admin_connection(prepared.admin) as connection:
        connection.execute("ALTER ROLE wangge_grid BYPASSRLS")
        try:
            with pytest.raises(roles.RolesError, match="wangge_grid "):
                prepare.prepare_logins(prepared, connection)
        finally:
            connection.execute("ALTER ROLE wangge_grid NOBYPASSRLS")


def test_two_at_once_wait_for_each_other(prepared):
    failures = []

    def run():
        try:
            with prepare.administrators_lock(prepared.admin) as connection:
                prepare.prepare_logins(prepared, connection)
        except Exception as error:  # noqa: BLE001 -- shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_without_generate_every_missing_secret_is_named(database_url, amqp_url, tmp_path, capsys):
    environ = {
        "ADMIN_DATABASE_URL": database_url,
        "AMQP_URL": amqp_url,
        "SECRETS_DIR": str(tmp_path),
    }

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        assert prepare.main([]) == 1

    told = capsys.readouterr().err
    for file in secret_files.required_files():
        assert file in told


def test_every_missing_setting_is_named_at_once(capsys):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ADMIN_DATABASE_URL", "AMQP_URL", "SECRETS_DIR"):
            patch.delenv(name, raising=False)
        assert prepare.main([]) == 1

    told = capsys.readouterr().err
    assert all(name in told for name in ("ADMIN_DATABASE_URL", "AMQP_URL", "SECRETS_DIR"))
