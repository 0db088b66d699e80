"""A database with nothing but the platform's tables, and the roles a service has."""

from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, insert, text
from sqlalchemy.engine import make_url

from deploy import roles
from shared.db import platform
from shared.db.base import NAMING
from shared.db.engine import make_engine
from shared.db.platform import platform_tables
from shared.ids import new_id

SERVICE = "relaying"
PASSWORD = "relaying"
TABLES = platform_tables(MetaData(naming_convention=NAMING))


class Outboxes:
    """The database `wangge_relaying`, made with the code that deployment runs."""

    def __init__(self, admin_url: str) -> None:
        self._admin = make_url(admin_url).set(drivername="postgresql+psycopg")
        app, worker = f"wangge_{SERVICE}", f"wangge_{SERVICE}_worker"
        with roles.admin_connection(self._admin) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS wangge_{SERVICE} WITH (FORCE)")
            passwords = dict.fromkeys((app, worker), PASSWORD)
            roles.ensure_service(connection, self._admin, SERVICE, passwords)
        self.worker_url = self._login(worker)
        self.worker = self._engine(self.worker_url)
        self.admin = self._engine(
            self._admin.set(database=f"wangge_{SERVICE}").render_as_string(hide_password=False)
        )
        with self.admin.begin() as connection:
            connection.execute(text(f"SET LOCAL ROLE wangge_{SERVICE}_owner"))
            platform.create(Operations(MigrationContext.configure(connection)), SERVICE)

    def fill(self, key: str, count: int, *, bodies: bytes = b"{}") -> list[UUID]:
        """Let events of many counties wait; their ids, the oldest first."""
        rows = [
            {
                "county_id": f"county-{number % 7}",
                "event_id": new_id(),
                "key": key,
                "body": bodies,
            }
            for number in range(count)
        ]
        with self.admin.begin() as connection:
            connection.execute(insert(TABLES.outbox), rows)
        return [row["event_id"] for row in rows]

    def pending(self) -> list[UUID]:
        with self.admin.connect() as connection:
            found = text("SELECT event_id FROM outbox WHERE published_at IS NULL ORDER BY event_id")
            return list(connection.execute(found).scalars())

    def empty(self) -> None:
        with self.admin.begin() as connection:
            connection.execute(text("TRUNCATE outbox, inbox, idempotency_keys"))

    def dispose(self) -> None:
        for engine in (self.worker, self.admin):
            engine.dispose()

    def _login(self, role: str) -> str:
        url = self._admin.set(username=role, password=PASSWORD, database=f"wangge_{SERVICE}")
        return url.render_as_string(hide_password=False)

    def _engine(self, url: str):
        return make_engine(url, pool_size=5, application_name="wangge tests")
