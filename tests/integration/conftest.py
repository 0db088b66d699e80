"""Real servers for every test here: PostgreSQL and RabbitMQ, as `make test` starts them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import borrowed
from deploy.local.servers import Servers
from deploy.prepare import contract_of
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, seed_structure
from tests.integration.service_fixtures import county_id as county_id  # noqa: PLC0414 - a fixture
from tests.support.samples import odd_events


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: run `make test`, which starts the servers", pytrace=False)
    return value


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The servers of the run; of several workers each but the first starts some of its own.

    Roles, passwords and names of databases belong to a whole server, and outboxes to whoever reads
    them: what one worker does there must not be met by another.
    """
    given = Servers(_required("WANGGE_DATABASE_URL"), _required("WANGGE_AMQP_URL"))
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        yield given
    else:
        with borrowed.lent({}) as own:
            yield own


@pytest.fixture(scope="session")
def database_url(servers: Servers) -> str:
    """URL of PostgreSQL with a role that may create roles and databases."""
    return servers.database_url


@pytest.fixture(scope="session")
def amqp_url(servers: Servers) -> str:
    return servers.amqp_url


@pytest.fixture(scope="session")
def secrets_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one secrets folder of the run: passwords belong to the server's roles."""
    return Path(os.environ.get("WANGGE_TEST_SECRETS") or tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="session")
def databases(database_url: str, amqp_url: str, secrets_dir: Path) -> Iterator[Databases]:
    """The services' own databases, roles and migrations, each made when first asked for."""
    made = Databases(database_url, amqp_url, secrets_dir)
    yield made
    odd = [
        event
        for service in made.ready
        for event in odd_events(made.admin_engine(service), contract_of(service).events)
    ]
    made.dispose()
    assert odd == [], "events that are not what shared/contracts says"


@pytest.fixture(scope="session")
def token() -> Tokens:
    """Sign tokens as personnel would: `token(county_id=…, capabilities={"read": ["g:"]})`."""
    return Tokens()


@pytest.fixture
def rpc(databases: Databases, amqp_url: str, token: Tokens) -> Iterator[RpcServers]:
    """Serve a service in this process behind the real guard: `rpc("cases", build) -> channel`."""
    servers = RpcServers(databases, amqp_url, token)
    yield servers
    servers.stop()


@pytest.fixture
def structure(databases: Databases) -> Callable[[str, str, dict, list[dict]], None]:
    """Seed a service's local copy: `structure("cases", county_id, document, grids)`."""

    def seed(service: str, county_id: str, document: dict, grids: list[dict]) -> None:
        seed_structure(databases.engine(service), service, county_id, document, grids)

    return seed
