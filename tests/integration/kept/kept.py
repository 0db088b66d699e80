"""Data that an earlier form of the platform wrote: all seven databases, and what it answered of them."""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url

from deploy.processes import SERVICES
from deploy.roles import admin_connection
from deploy.secret_files import owner_role
from shared.db import migrate
from shared.db.engine import make_engine
from tests.integration.service_fixtures import Databases

DUMP = Path(__file__).with_name("kept.sql.xz")
"""SQL of all databases, each after a line ``\\connect <service>``."""
ANSWERS = Path(__file__).with_name("kept.json")
CONNECT = "\\connect "
Json = Any


def read_answers() -> Json:
    """The accounts, the reads and the repeated requests, with what was answered."""
    return json.loads(ANSWERS.read_text("utf-8"))


def read_dump() -> dict[str, str]:
    """Service → the SQL that makes its database as it was."""
    text = lzma.decompress(DUMP.read_bytes()).decode()
    parts = text.split(CONNECT)[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


class KeptDatabases:
    """The dump, restored beside the run's own databases and migrated with the code at hand."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._admin = make_url(databases.admin_url)
        self._prefix = f"kept_{uuid4().hex[:8]}"
        self._engines: dict[str, Engine] = {}

    def restore(self) -> None:
        """Make every database as it was, then bring it to the newest migration."""
        for service, statements in read_dump().items():
            self._databases.url(service)  # has the roles made, which belong to the server
            self._create(service)
            with admin_connection(self._admin, self._name(service)) as connection:
                connection.execute("DROP SCHEMA public")  # the dump makes its own
                connection.execute(statements)
            migrate.upgrade(service, self._databases.admin_url, self._name(service))

    def url(self, service: str) -> str:
        """URL as the service's application role."""
        url = make_url(self._databases.url(service)).set(database=self._name(service))
        return url.render_as_string(hide_password=False)

    def engine(self, service: str) -> Engine:
        """An engine as the service's application role, which row-level security binds."""
        return self._engine(self.url(service))

    def admin_engine(self, service: str) -> Engine:
        """An engine as the administrator, who sees every county."""
        url: URL = self._admin.set(database=self._name(service), drivername="postgresql+psycopg")
        return self._engine(url.render_as_string(hide_password=False))

    def drop(self) -> None:
        """Close every connection and remove the databases."""
        for engine in self._engines.values():
            engine.dispose()
        with admin_connection(self._admin) as connection:
            for service in SERVICES:
                name = sql.Identifier(self._name(service))
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _name(self, service: str) -> str:
        return f"{self._prefix}_{service}"

    def _create(self, service: str) -> None:
        with admin_connection(self._admin) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(self._name(service)), sql.Identifier(owner_role(service))
                )
            )

    def _engine(self, url: str) -> Engine:
        if url not in self._engines:
            self._engines[url] = make_engine(url, pool_size=5, application_name="wangge tests")
        return self._engines[url]


@contextmanager
def restored(databases: Databases) -> Iterator[KeptDatabases]:
    """The dump in databases of its own, which are gone afterwards."""
    kept = KeptDatabases(databases)
    try:
        kept.restore()
        yield kept
    finally:
        kept.drop()
