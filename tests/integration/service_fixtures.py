"""What integration tests of services share: databases with real roles, real tokens, real RPC."""

import importlib
import itertools
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from deploy import roles, secret_files
from shared.context import RequestContext
from shared.db import migrate
from shared.db.engine import make_engine
from shared.db.transaction import SET_COUNTY
from shared.tokens import Signer

_counties = itertools.count(1)


@pytest.fixture
def county_id() -> str:
    """A county that no other test has, so that nothing needs to be cleaned away."""
    return f"t{next(_counties)}-{uuid4().hex[:8]}"


class Databases:
    """Databases of services on the test's server, made with the code that deployment runs."""

    def __init__(self, admin_url: str, amqp_url: str, secrets: Path) -> None:
        self.admin_url = admin_url
        self._secrets = secrets
        self._engines: dict[str, Engine] = {}
        self._ready: set[str] = set()
        secret_files.generate(secrets, make_url(admin_url), amqp_url)

    @property
    def ready(self) -> list[str]:
        """The services whose databases were made."""
        return sorted(self._ready)

    def url(self, service: str, kind: str = "database_url") -> str:
        """URL of a service's database as its application role, or ``worker_database_url``."""
        if service not in self._ready:
            self._make(service)
        return secret_files.read(self._secrets, f"{service}.{kind}")

    def engine(self, service: str) -> Engine:
        """An engine as the service's application role, which row-level security binds."""
        return self._engine(self.url(service))

    def worker_engine(self, service: str) -> Engine:
        """An engine as the service's worker role."""
        return self._engine(self.url(service, "worker_database_url"))

    def admin_engine(self, service: str) -> Engine:
        """An engine as the administrator, whom nothing binds: to look behind the curtain."""
        self.url(service)
        url = make_url(self.admin_url).set(
            database=f"wangge_{service}", drivername="postgresql+psycopg"
        )
        return self._engine(url.render_as_string(hide_password=False))

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()

    def _engine(self, url: str) -> Engine:
        if url not in self._engines:
            self._engines[url] = make_engine(url, pool_size=20, application_name="wangge tests")
        return self._engines[url]

    def _make(self, service: str) -> None:
        admin = make_url(self.admin_url)
        with roles.admin_connection(admin) as connection:
            passwords = secret_files.passwords(self._secrets)
            roles.ensure_service(connection, admin, service, passwords)
        migrate.upgrade(service, self.admin_url)
        self._ready.add(service)


class Tokens:
    """Signs access tokens with a key of the test's own."""

    def __init__(self) -> None:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": "test"}, private=True)
        self.jwk = orjson.dumps(key.as_dict(private=True)).decode()
        self.jwks = orjson.dumps({"keys": [key.as_dict(private=False)]}).decode()
        self._signer = Signer(self.jwk)

    def __call__(
        self,
        *,
        county_id: str,
        person_id: UUID | None = None,
        capabilities: Mapping[str, Sequence[str]] | None = None,
        roles: Sequence[str] = (),
        lifetime: timedelta = timedelta(minutes=15),
    ) -> str:
        return self._signer.sign(
            county_id=county_id,
            person_id=person_id or uuid4(),
            account_id=uuid4(),
            roles=frozenset(roles),
            capabilities={name: tuple(scopes) for name, scopes in (capabilities or {}).items()},
            now=datetime.now(UTC),
            lifetime=lifetime,
        )


def stubs_of(service: str) -> list[type[Any]]:
    """The stubs of all gRPC services that a service serves."""
    package = importlib.import_module(f"wangge.{service}.v1")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [
        importlib.import_module(f"{package.__name__}.{name}")
        for name in names
        if name.endswith("_service_pb2_grpc")
    ]
    return [
        each
        for module in modules
        for name, each in vars(module).items()
        if name.endswith("Stub") and each.__module__ == module.__name__
    ]


class RpcServers:
    """gRPC servers in this process, each a service behind the real guard."""

    def __init__(self, databases: Databases, amqp_url: str, tokens: Tokens) -> None:
        self._databases = databases
        self._amqp_url = amqp_url
        self._tokens = tokens
        self._servers: list[grpc.Server] = []
        self._channels: list[grpc.Channel] = []

    def __call__(
        self,
        service: str,
        build: Callable[[Any], Sequence[Any]],
        *,
        peers: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> grpc.Channel:
        """Serve, and return a channel to it. ``peers``: service → ``host:port``."""
        return self.channel(self.serve(service, build, peers=peers, settings=settings))

    def channel(self, address: str) -> grpc.Channel:
        """A channel to what is served there, closed with the rest."""
        from shared.rpc import client

        channel = client.channel(address)
        self._channels.append(channel)
        return channel

    def serve(
        self,
        service: str,
        build: Callable[[Any], Sequence[Any]],
        *,
        peers: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> str:
        """Serve, and return the address."""
        from shared.rpc.process import Config, Parts, listen, make_server

        config = Config(
            listen_host="127.0.0.1",
            grpc_port=0,
            metrics_port=0,
            database_url=self._databases.url(service),
            amqp_url=self._amqp_url,
            jwks=self._tokens.jwks,
            workers=20,
            pool_size=20,
            reflection=False,
            log_level="INFO",
            tls=None,
            peers=dict(peers or {}),
            settings=dict(settings or {}),
        )
        parts = Parts(self._databases.engine(service), config)
        server, _ = make_server(service, config, build(parts))
        self._servers.append(server)
        return f"127.0.0.1:{listen(server, config)}"

    def stop(self) -> None:
        """Close the channels and stop the servers."""
        for channel in self._channels:
            channel.close()
        for server in self._servers:
            server.stop(grace=1).wait()


def bearer(token: str) -> list[tuple[str, str]]:
    """Call metadata that carries a token."""
    return [("authorization", f"Bearer {token}")]


def context_of(county_id: str, **capabilities: Sequence[str]) -> RequestContext:
    """A caller in the county: ``context_of("t1", read=["g:"])``."""
    return RequestContext(
        county_id=county_id,
        correlation_id=str(uuid4()),
        actor_id=uuid4(),
        capabilities={name: tuple(scopes) for name, scopes in capabilities.items()},
    )


def grid_row(path: str, **given: object) -> dict[str, Any]:
    """A grid for the local copy; what is not given is made up."""
    row = {
        "grid_id": uuid4(),
        "version": 1,
        "parent_id": None,
        "path": path,
        "level_id": "village",
        "rank": "village",
        "unit_type": "village",
        "name": f"网格{path}",
        "admin_code": None,
        "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
        "valid_to": None,
    }
    return {**row, **given}


def seed_structure(
    engine: Engine, service: str, county_id: str, document: dict[str, Any], grids: list[dict]
) -> None:
    """Fill a service's local copy as the events of grid would."""
    from shared.structure.store import Structure

    tables = importlib.import_module(f"services.{service}.models").STRUCTURE
    with engine.begin() as connection:
        connection.execute(SET_COUNTY, {"county": county_id})
        structure = Structure(connection, tables, county_id)
        county = {"name": "测试县", "admin_code": "430223", "time_zone": "Asia/Shanghai"}
        structure.apply_county(1, county)
        structure.apply_scheme(
            {
                "version": 1,
                "effective_on": datetime(2020, 1, 1, tzinfo=UTC).date(),
                "document": document,
            }
        )
        if grids:
            structure.apply_grids(grids)
