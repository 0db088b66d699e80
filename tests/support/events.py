"""A service's events process within the test's own, for tests under `events` folders."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from nameko.containers import ServiceContainer
from sqlalchemy import text

from shared.eventing import topology
from shared.eventing.topology import Contract
from shared.metrics import EVENTS_HANDLED
from tests.integration.publishing import publish
from tests.integration.service_fixtures import Databases
from tests.support.waiting import until

RETRY_SECONDS = (0.3, 0.6, 1.2, 2.4)


@contextmanager
def handling(
    handlers: type[Any],
    contracts: Sequence[Contract],
    databases: Databases,
    amqp_url: str,
    *,
    retry_seconds: Sequence[float] = RETRY_SECONDS,
    processes: int = 1,
) -> Iterator[None]:
    """Declare the contracts' queues, and handle the service's events as its process does."""
    topology.declare(amqp_url, contracts, retry_seconds)
    settings = _settings(handlers.name, databases, amqp_url, retry_seconds)
    containers = [ServiceContainer(handlers, config=settings) for _ in range(processes)]
    for container in containers:
        container.start()
    yield
    for container in containers:
        container.stop()


def _settings(
    service: str, databases: Databases, amqp_url: str, retry_seconds: Sequence[float]
) -> Mapping[str, Any]:
    return {
        "AMQP_URI": amqp_url,
        "DATABASE_URL": databases.url(service),
        "WORKER_DATABASE_URL": databases.url(service, "worker_database_url"),
        "DB_POOL_SIZE": 4,
        "EVENT_RETRY_SECONDS": list(retry_seconds),
        "RETENTION_DAYS": 30,
        "max_workers": 4,
    }


@dataclass
class Broker:
    """Publishes what other services would, and reads the service's tables afterwards."""

    service: ClassVar[str]
    document: ClassVar[dict[str, Any]]
    url: str
    databases: Databases
    county_id: str

    def publish(
        self, source: str, key: str, data: dict[str, Any], event_id: UUID | None = None
    ) -> UUID:
        return publish(self.url, self.county_id, source, key, data, event_id=event_id)

    def county(self) -> None:
        """Publish the county and its scheme, as grid does."""
        county = {"name": "测试县", "admin_code": "430223", "time_zone": "Asia/Shanghai"}
        scheme = {"version": 1, "effective_on": "2020-01-01", "document": self.document}
        self.publish("grid", "county.created.v1", {"county_id": self.county_id, **county})
        self.publish("grid", "scheme.published.v1", scheme)

    def rows(self, statement: str, **given: Any) -> list[Any]:
        with self.databases.admin_engine(self.service).connect() as connection:
            return list(connection.execute(text(statement), {"c": self.county_id, **given}))

    def seen(self, event_id: UUID) -> bool:
        return bool(self.rows("SELECT 1 FROM inbox WHERE event_id = :id", id=event_id))


@contextmanager
def put_off(key: str) -> Iterator[None]:
    """Wait at the end until an event with the key was tried and put off, not handled."""
    before = _tries(key)
    yield
    until(lambda: _tries(key) > before, f"{key} put off")


def _tries(key: str) -> float:
    return EVENTS_HANDLED.labels(key, "retried")._value.get()
