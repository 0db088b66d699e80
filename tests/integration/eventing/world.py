"""A probe service with its database, its part of the broker, and its processes."""

import contextlib
import functools
import itertools
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import amqp
import kombu
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from deploy import roles
from shared.db.engine import make_engine
from shared.db.transaction import Transaction, UnitOfWork
from shared.eventing import topology
from tests.integration.eventing.probe import models
from tests.integration.eventing.probe.schemas import EVENTS, THING_MADE, THING_SEEN, ThingMade
from tests.integration.eventing.running import EventsProcess
from tests.integration.service_fixtures import context_of

PASSWORD = "probe"
KEYS = {"made": THING_MADE.key, "seen": THING_SEEN.key}


class ProbeDatabase:
    """The database `wangge_probe` of one server, made with the code that deployment runs."""

    def __init__(self, admin_url: str) -> None:
        self._admin = make_url(admin_url).set(drivername="postgresql+psycopg")
        names = ("wangge_probe", "wangge_probe_worker")
        with roles.admin_connection(self._admin) as connection:
            connection.execute("DROP DATABASE IF EXISTS wangge_probe WITH (FORCE)")
            roles.ensure_service(connection, self._admin, "probe", dict.fromkeys(names, PASSWORD))
        self.app_url, self.worker_url = (self._login(name) for name in names)
        self.engine = self._engine(self.app_url)
        self.worker = self._engine(self.worker_url)
        self.admin = self._engine(
            self._admin.set(database="wangge_probe").render_as_string(hide_password=False)
        )
        with self.admin.begin() as connection:
            connection.execute(text("SET LOCAL ROLE wangge_probe_owner"))
            models.create(Operations(MigrationContext.configure(connection)), "probe")

    def _login(self, role: str) -> str:
        url = self._admin.set(username=role, password=PASSWORD, database="wangge_probe")
        return url.render_as_string(hide_password=False)

    def _engine(self, url: str):
        return make_engine(url, pool_size=5, application_name="wangge tests")

    def dispose(self) -> None:
        for engine in (self.engine, self.worker, self.admin):
            engine.dispose()


class World:
    """One test's probe service, with a name, hence exchanges and queues, of its own."""

    def __init__(self, database: ProbeDatabase, amqp_url: str, folder: Path) -> None:
        self.name = f"probe-{uuid4().hex[:8]}"
        self.county_id = f"t-{uuid4().hex[:8]}"
        self.database = database
        self.amqp_url = amqp_url
        self._folder = folder
        self._numbers = itertools.count(1)
        self._processes: list[EventsProcess] = []
        with database.admin.begin() as connection:
            models.empty(connection)

    def start(self, **environment: str) -> EventsProcess:
        """Start an events process and wait until it handles events."""
        return self.launch(**environment).wait_ready()

    def launch(self, **environment: str) -> EventsProcess:
        """Start an events process; variables given as None are taken away."""
        variables = {
            "PROBE_NAME": self.name,
            "DATABASE_URL": self.database.app_url,
            "WORKER_DATABASE_URL": self.database.worker_url,
            "AMQP_URL": self.amqp_url,
            "EVENT_RETRY_SECONDS": "0.2,0.6,1.8",
            **environment,
        }
        log = self._folder / f"process-{next(self._numbers)}.log"
        told = {name: value for name, value in variables.items() if value is not None}
        process = EventsProcess("tests.integration.eventing.probe.serve_events", told, log)
        self._processes.append(process)
        return process

    def emit(self, *things: str, kind: Callable[[str], object] = ThingMade) -> list[UUID]:
        """Put events of the things into the outbox, in one transaction."""
        make = functools.partial(
            Transaction, service=self.name, tables=models.PLATFORM, events=EVENTS
        )
        with UnitOfWork(self.database.engine, make)(context_of(self.county_id)) as tx:
            return [tx.outbox.add(kind(thing), subject=thing, sequence=1) for thing in things]

    def publish(self, body: bytes, key: str = THING_MADE.key, **properties: object) -> None:
        """Publish behind the outbox's back."""
        with self.channel() as channel:
            message = amqp.Message(body, delivery_mode=2, **properties)
            channel.basic_publish(message, topology.exchange(self.name).name, key)

    def behave(self, thing: str, behaviour: str) -> None:
        """From now on the handlers do this with the thing's events."""
        with self.database.admin.begin() as connection:
            connection.execute(
                text("DELETE FROM behaviours WHERE thing = :thing"), {"thing": thing}
            )
            row = {"county_id": self.county_id, "thing": thing, "behaviour": behaviour}
            connection.execute(insert(models.BehaviourRow).values(row))

    def done(self) -> list[UUID]:
        """Ids of the events handled, once for each time."""
        return self._column("SELECT event_id FROM done ORDER BY row_id")

    def pending(self) -> list[UUID]:
        """Ids of the events that wait in the outbox."""
        return self._column("SELECT event_id FROM outbox WHERE published_at IS NULL")

    def queue(self, part: str) -> str:
        """Name of one of its queues: ``made``, ``seen`` or ``dlq``."""
        return f"{self.name}.dlq" if part == "dlq" else f"{self.name}.{self.name}.{KEYS[part]}"

    def waiting(self, part: str) -> int:
        """How many messages one of its queues has ready."""
        with self.channel() as channel:
            return channel.queue_declare(self.queue(part), passive=True).message_count

    @contextlib.contextmanager
    def channel(self):
        with kombu.Connection(self.amqp_url) as connection, connection.channel() as channel:
            yield channel

    def end(self) -> None:
        """Kill its processes and remove its queues."""
        for process in self._processes:
            process.kill()
        with contextlib.suppress(OSError), self.channel() as channel:
            retries = [f"{self.name}.retry.{ms}ms" for ms in (200, 600, 1800)]
            for name in (*map(self.queue, ("made", "seen", "dlq")), *retries):
                channel.queue_delete(name)
            for name in (*retries, f"{self.name}.events", f"{self.name}.dlx"):
                channel.exchange_delete(name)

    def _column(self, statement: str) -> list[UUID]:
        with self.database.admin.connect() as connection:
            return list(connection.execute(text(statement)).scalars())
