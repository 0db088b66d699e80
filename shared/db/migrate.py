"""Run a service's migrations as the owner of its tables, with limits on locks and statements."""

import importlib
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]
LOCK_TIMEOUT_MS = 4_000
STATEMENT_TIMEOUT_MS = 300_000


def upgrade(service: str, admin_url: str, database: str | None = None) -> None:
    """Bring a service's database, ``wangge_<service>`` unless named, to the newest migration.

    ``admin_url`` names any database of the server, with a role that may become the owner. Two
    that run at once wait for each other.
    """
    _with_connection(
        service, admin_url, lambda config: command.upgrade(config, "head"), database=database
    )


def check(service: str, admin_url: str) -> None:
    """Raise alembic's CommandError where the models differ from the migrations."""
    _with_connection(service, admin_url, command.check)


def _with_connection(
    service: str,
    admin_url: str,
    run: Callable[[Config], object],
    *,
    database: str | None = None,
) -> None:
    name = database or f"wangge_{service}"
    url = make_url(admin_url).set(database=name, drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            _become_owner(connection, service)
            run(_config(service, connection))
    finally:
        engine.dispose()


def _become_owner(connection: Connection, service: str) -> None:
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate {service}"}
    )
    connection.execute(text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
    connection.execute(text(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}"))
    connection.execute(text(f"SET ROLE wangge_{service}_owner"))


def _config(service: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared" / "db" / "alembic"))
    config.set_main_option("version_locations", str(ROOT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = importlib.import_module(
        f"services.{service}.models"
    ).Base.metadata
    return config
