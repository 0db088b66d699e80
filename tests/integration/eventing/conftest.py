"""A probe service for the tests here, on the run's servers or on servers that a test may stop."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import postgres, rabbitmq, stack
from deploy.local.state import State
from tests.integration.eventing.running import EventsProcess
from tests.integration.eventing.world import ProbeDatabase, World


@pytest.fixture(scope="session")
def probe_database(database_url: str) -> Iterator[ProbeDatabase]:
    made = ProbeDatabase(database_url)
    yield made
    made.dispose()


@pytest.fixture
def world(probe_database: ProbeDatabase, amqp_url: str, tmp_path: Path) -> Iterator[World]:
    made = World(probe_database, amqp_url, tmp_path)
    yield made
    made.end()


@dataclass(frozen=True, slots=True)
class OwnServers:
    """Servers that belong to the tests here, which may stop and start them."""

    state: State

    def start_postgres(self) -> str:
        return postgres.start(self.state, postgres.binaries())

    def stop_postgres(self) -> None:
        postgres.stop(self.state)

    def start_rabbitmq(self) -> str:
        return rabbitmq.start(self.state, rabbitmq.binaries())

    def stop_rabbitmq(self) -> None:
        rabbitmq.stop(self.state)


@pytest.fixture(scope="session")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    if postgres.binaries() is None or rabbitmq.binaries() is None:
        pytest.skip("needs the binaries of PostgreSQL and RabbitMQ, to stop and start its own")
    state = State(tmp_path_factory.mktemp("servers"))
    state.create()
    yield OwnServers(state)
    stack.destroy(state)


@pytest.fixture(scope="session")
def own_database(own_servers: OwnServers) -> Iterator[ProbeDatabase]:
    made = ProbeDatabase(own_servers.start_postgres())
    yield made
    made.dispose()


@pytest.fixture
def own_world(
    own_servers: OwnServers, own_database: ProbeDatabase, tmp_path: Path
) -> Iterator[World]:
    """A probe service on servers that may be stopped."""
    own_servers.start_postgres()
    made = World(own_database, own_servers.start_rabbitmq(), tmp_path)
    yield made
    made.end()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """Start a service's events process: ``start(module, environment)``; killed at the end."""
    started: list[EventsProcess] = []

    def run(module: str, environment: dict[str, str]) -> EventsProcess:
        log = tmp_path / f"service-{len(started)}.log"
        started.append(EventsProcess(module, environment, log))
        return started[-1]

    yield run
    for process in started:
        process.kill()
