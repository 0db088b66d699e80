"""The metrics server, real checks, and migrations that start together."""

import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from shared import metrics
from shared.db.engine import make_engine
from shared.health import Readiness, broker_check, database_check
from tests.integration.service_fixtures import Databases

ROOT = Path(__file__).resolve().parents[3]


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture
def gone() -> Iterator[Engine]:
    engine = make_engine(
        "postgresql+psycopg://nobody:nothing@127.0.0.1:1/nowhere", pool_size=1, application_name="t"
    )
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("database_there", "broker_there", "code", "status"),
    [
        (True, True, 200, "ok"),
        (True, False, 200, "degraded"),
        (False, True, 503, "down"),
    ],
)
def test_the_port_tells_what_the_process_can_reach(  # noqa: PLR0917 - fixtures and a table
    databases: Databases,
    amqp_url: str,
    gone: Engine,
    database_there: bool,
    broker_there: bool,
    code: int,
    status: str,
) -> None:
    engine = databases.engine("notifications") if database_there else gone
    broker = amqp_url if broker_there else "amqp://nobody:nothing@127.0.0.1:1//"
    readiness = Readiness({"database": database_check(engine), "broker": broker_check(broker)})
    readiness.start()
    server = metrics.serve("127.0.0.1", 0, readiness)
    try:
        answer, body = get(server.server_port, "/readyz")
        assert (answer, orjson.loads(body)["status"]) == (code, status)
        assert "nothing" not in body.decode()  # no password shows
        assert get(server.server_port, "/healthz")[0] == 200
        shown, page = get(server.server_port, "/metrics")
        assert shown == 200
        assert b"wangge_rpc_server_handled_total" in page
        assert get(server.server_port, "/else")[0] == 404
    finally:
        readiness.stop()
        server.shutdown()
        server.server_close()


def test_a_taken_port_is_an_error_and_not_a_silent_lack_of_metrics() -> None:
    readiness = Readiness({})
    first = metrics.serve("127.0.0.1", 0, readiness)
    try:
        with pytest.raises(OSError, match="in use"):
            metrics.serve("127.0.0.1", first.server_port, readiness)
    finally:
        first.shutdown()
        first.server_close()


PROBE = "wangge_startprobe"
MIGRATION = """
from alembic import op
revision = "startprobe_0001"
down_revision = None

def upgrade():
    op.execute("SELECT pg_sleep(0.5)")
    op.execute("CREATE TABLE once_only (id integer)")
    op.execute("INSERT INTO once_only VALUES (1)")
"""


@pytest.fixture
def probe(databases: Databases) -> Iterator[str]:
    """An empty database of a service made for the test; yields the administrator's URL."""
    url = make_url(databases.admin_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            f"DROP DATABASE IF EXISTS {PROBE}",
            f"DROP ROLE IF EXISTS {PROBE}_owner",
            f"CREATE ROLE {PROBE}_owner NOLOGIN",
            f"GRANT {PROBE}_owner TO CURRENT_USER",
            f"CREATE DATABASE {PROBE} OWNER {PROBE}_owner",
        ):
            connection.execute(text(statement))
        yield url.render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {PROBE} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {PROBE}_owner"))
    engine.dispose()


def test_two_that_migrate_at_once_wait_for_each_other(probe: str, tmp_path: Path) -> None:
    (tmp_path / "services" / "startprobe" / "migrations").mkdir(parents=True)
    (tmp_path / "services" / "startprobe" / "migrations" / "0001_x.py").write_text(MIGRATION)
    (tmp_path / "shared").symlink_to(ROOT / "shared")
    script = textwrap.dedent(
        f"""
        import pathlib, sys, types, sqlalchemy
        from shared.db import migrate
        models = types.ModuleType("services.startprobe.models")
        models.Base = types.SimpleNamespace(metadata=sqlalchemy.MetaData())
        sys.modules["services.startprobe.models"] = models
        migrate.ROOT = pathlib.Path({str(tmp_path)!r})
        migrate.upgrade("startprobe", sys.argv[1])
        """
    )

    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, probe], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert [process.returncode for process in running] == [0, 0], errors
    engine = create_engine(make_url(probe).set(database=PROBE))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM once_only")).scalars().all() == [1]
        owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'once_only'"
        assert connection.execute(text(owner)).scalar_one() == f"{PROBE}_owner"
    engine.dispose()


def test_migrating_again_changes_nothing(databases: Databases) -> None:
    from shared.db import migrate

    databases.engine("notifications")
    version = text("SELECT version_num FROM alembic_version")
    admin = databases.admin_engine("notifications")
    with admin.connect() as connection:
        before = connection.execute(version).scalars().all()

    migrate.upgrade("notifications", databases.admin_url)

    with admin.connect() as connection:
        assert connection.execute(version).scalars().all() == before
