"""The gRPC process of a service: settings, server, health, metrics, and a graceful end."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from sqlalchemy import Engine

from shared import logging as json_log
from shared import metrics
from shared.config import ConfigError, Env
from shared.db.engine import make_engine
from shared.health import Readiness, broker_check, database_check, require
from shared.rpc.checks import check_of
from shared.rpc.client import MESSAGE_BYTES, Tls, peer_channel
from shared.rpc.interceptor import Guard, Method
from shared.rpc.options import OptionError, access_of
from shared.tokens import Verifier

log = logging.getLogger(__name__)

GRACE_SECONDS = 15.0
HEALTH_NAMES = {"database": "", "broker": "broker"}
"""The service name under which grpc.health.v1 shows each check."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of a gRPC process."""

    listen_host: str
    grpc_port: int
    metrics_port: int
    database_url: str
    amqp_url: str
    jwks: str
    workers: int
    pool_size: int
    reflection: bool
    log_level: str
    tls: Tls | None
    peers: Mapping[str, str]
    settings: Mapping[str, str]

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str], peers: Sequence[str], settings: Sequence[str]
    ) -> "Config":
        """Read everything; raises ConfigError naming all that is missing or unusable."""
        env = Env(environ)
        workers = env.integer("GRPC_WORKERS", 16)
        config = cls(
            listen_host=env.text("LISTEN_HOST", "127.0.0.1"),
            grpc_port=env.integer("GRPC_PORT"),
            metrics_port=env.integer("METRICS_PORT"),
            database_url=env.text("DATABASE_URL"),
            amqp_url=env.text("AMQP_URL"),
            jwks=env.text("TOKEN_JWKS"),
            workers=workers,
            pool_size=max(workers, env.integer("DB_POOL_SIZE", workers)),
            reflection=env.flag("GRPC_REFLECTION"),
            log_level=env.text("LOG_LEVEL", "INFO"),
            tls=read_tls(env),
            peers={peer: env.text(f"{peer.upper()}_GRPC_ADDR") for peer in peers},
            settings={name: env.text(name) for name in settings},
        )
        env.check()
        return config


def read_tls(env: Env) -> Tls | None:
    """TLS from the files that ``GRPC_TLS_CA``, ``GRPC_TLS_CERT`` and ``GRPC_TLS_KEY`` name, or None.

    All three or none must be given: with only some of them, each missing one is a fault.
    """
    names = [f"GRPC_TLS_{name}" for name in ("CA", "CERT", "KEY")]
    given = [env.optional(name) for name in names]
    if not any(given):
        return None
    ca, certificate, key = (env.content(name) for name in names)
    return Tls(ca=ca, certificate=certificate, key=key)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service's composition root gets to build its servicers from."""

    engine: Engine
    config: Config

    def peer(self, name: str) -> grpc.Channel:
        """A channel to a peer that the service declared."""
        return peer_channel(self.config.peers[name], self.config.tls)

    @staticmethod
    def clock() -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Mount:
    """One gRPC service to serve: how to add it, its servicer and its descriptor."""

    add: Callable[[Any, grpc.Server], None]
    servicer: object
    descriptor: ServiceDescriptor

    @classmethod
    def of(cls, name: str, pb: ModuleType, pb_grpc: ModuleType, servicer: object) -> "Mount":
        """The service of this name, in the modules that are generated from its proto."""
        add = getattr(pb_grpc, f"add_{name}Servicer_to_server")
        return cls(add, servicer, pb.DESCRIPTOR.services_by_name[name])

    def methods(self) -> dict[str, Method]:
        """What the guard needs of each method, by its name on the wire. Raises ConfigError."""
        found = {}
        for method in self.descriptor.methods:
            try:
                rule, check = access_of(method), check_of(method.input_type)
            except OptionError as error:
                raise ConfigError(str(error)) from error
            if rule is None:
                raise ConfigError(f"{method.full_name}: its proto does not say who may call it")
            found[f"/{self.descriptor.full_name}/{method.name}"] = Method(method.name, rule, check)
        return found


Build = Callable[[Parts], Sequence[Mount]]


def run(
    service: str, build: Build, *, peers: Sequence[str] = (), settings: Sequence[str] = ()
) -> None:
    """Serve until SIGTERM or SIGINT. Exits with 1 and one message where it cannot start."""
    try:
        config = Config.from_env(os.environ, peers, settings)
        json_log.configure(f"{service}-grpc", config.log_level)
        engine = make_engine(
            config.database_url,
            pool_size=config.pool_size,
            application_name=f"wangge {service}-grpc",
            pre_ping=False,
        )
        require("PostgreSQL", "DATABASE_URL", database_check(engine))
        require("RabbitMQ", "AMQP_URL", broker_check(config.amqp_url))
        server, health_servicer = make_server(service, config, build(Parts(engine, config)))
    except ConfigError as error:
        sys.exit(f"{service}-grpc {error}")
    _serve(config, engine, server, health_servicer)


def make_server(
    service: str, config: Config, mounts: Sequence[Mount]
) -> tuple[grpc.Server, health.HealthServicer]:
    """A server with the guard, health and, in development, reflection; not started yet."""
    methods = {name: method for mount in mounts for name, method in mount.methods().items()}
    guard = Guard(service, methods, Verifier(config.jwks))
    server = grpc.server(
        ThreadPoolExecutor(config.workers, thread_name_prefix="rpc"),
        interceptors=[guard],
        maximum_concurrent_rpcs=config.workers * 16,
        options=[("grpc.max_receive_message_length", MESSAGE_BYTES)],
    )
    for mount in mounts:
        mount.add(mount.servicer, server)
    health_servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    if config.reflection:
        names = [m.descriptor.full_name for m in mounts]
        reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
    return server, health_servicer


def listen(server: grpc.Server, config: Config) -> int:
    """Bind the server's address and start it; returns the port."""
    address = f"{config.listen_host}:{config.grpc_port}"
    if config.tls and config.tls.certificate and config.tls.key:
        credentials = grpc.ssl_server_credentials(
            [(config.tls.key, config.tls.certificate)], config.tls.ca, require_client_auth=True
        )
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    return port


def _serve(
    config: Config, engine: Engine, server: grpc.Server, health_servicer: health.HealthServicer
) -> None:
    readiness = Readiness(
        {"database": database_check(engine), "broker": broker_check(config.amqp_url)}
    )
    readiness.on_change(lambda name, up: _show(health_servicer, name, reachable=up))
    readiness.start()
    metrics_server = metrics.serve(config.listen_host, config.metrics_port, readiness)
    port = listen(server, config)
    log.info("listening on %s:%s", config.listen_host, port)
    _wait_for_signal()
    readiness.stop()
    health_servicer.enter_graceful_shutdown()
    server.stop(GRACE_SECONDS).wait()
    metrics_server.shutdown()
    engine.dispose()
    log.info("stopped")


def _show(health_servicer: health.HealthServicer, name: str, *, reachable: bool) -> None:
    status = health_pb2.HealthCheckResponse
    health_servicer.set(HEALTH_NAMES[name], status.SERVING if reachable else status.NOT_SERVING)


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
