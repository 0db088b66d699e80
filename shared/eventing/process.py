"""The events process of a service: settings, nameko's container, health, and a graceful end."""

import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import eventlet
from nameko.containers import ServiceContainer
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from shared import logging as json_log
from shared import metrics
from shared.config import ConfigError, Env
from shared.db.engine import make_engine
from shared.eventing.topology import RETRY_SECONDS
from shared.health import Readiness, broker_check, database_check, require

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of an events process."""

    listen_host: str
    metrics_port: int
    log_level: str
    container: Mapping[str, Any]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """Read everything; raises ConfigError naming all that is missing or unusable."""
        env = Env(environ)
        workers = env.integer("EVENT_WORKERS", 10)
        config = cls(
            listen_host=env.text("LISTEN_HOST", "127.0.0.1"),
            metrics_port=env.integer("METRICS_PORT"),
            log_level=env.text("LOG_LEVEL", "INFO"),
            container={
                "AMQP_URI": env.text("AMQP_URL"),
                "DATABASE_URL": env.text("DATABASE_URL"),
                "WORKER_DATABASE_URL": env.text("WORKER_DATABASE_URL"),
                "DB_POOL_SIZE": max(workers, env.integer("DB_POOL_SIZE", workers)),
                "EVENT_RETRY_SECONDS": env.numbers("EVENT_RETRY_SECONDS", RETRY_SECONDS),
                "RETENTION_DAYS": env.integer("RETENTION_DAYS", 30),
                "max_workers": workers,
            },
        )
        env.check()
        delays = config.container["EVENT_RETRY_SECONDS"]
        if not delays or min(delays) <= 0:
            raise ConfigError("cannot start: EVENT_RETRY_SECONDS must hold numbers above 0")
        return config


def run(service_class: type[Any]) -> None:
    """Handle events until SIGTERM or SIGINT. Exits with 1 and one message where it cannot start."""
    name = f"{service_class.name}-events"
    try:
        config = Config.from_env(os.environ)
        json_log.configure(name, config.log_level)
        # The entrypoint says what failed, without the payload; nameko would say it again.
        logging.getLogger("nameko").setLevel("CRITICAL")
        readiness = _readiness(config)
    except ConfigError as error:
        sys.exit(f"{name} {error}")
    server = metrics.serve(config.listen_host, config.metrics_port, readiness)
    container = ServiceContainer(service_class, config=dict(config.container))
    container.start()
    readiness.start()
    _stop_on_signal(container)
    log.info("handling events")
    container.wait()
    readiness.stop()
    server.shutdown()
    log.info("stopped")


def _stop_on_signal(container: ServiceContainer) -> None:
    """Stop gracefully on the first SIGTERM or SIGINT, and ignore those that follow."""

    def stop(*_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        eventlet.spawn_n(container.stop)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _readiness(config: Config) -> Readiness:
    settings = config.container
    checks = {
        "database": database_check(_engine("DATABASE_URL", settings)),
        "broker": broker_check(settings["AMQP_URI"]),
    }
    worker = _engine("WORKER_DATABASE_URL", settings)
    require("PostgreSQL", "DATABASE_URL", checks["database"])
    require("PostgreSQL", "WORKER_DATABASE_URL", database_check(worker))
    worker.dispose()
    require("RabbitMQ", "AMQP_URL", checks["broker"])
    return Readiness(checks)


def _engine(variable: str, settings: Mapping[str, Any]) -> Engine:
    try:
        return make_engine(settings[variable], pool_size=1, application_name="wangge readiness")
    except (ValueError, ArgumentError) as error:
        raise ConfigError(f"cannot start: {variable} is unusable: {error}") from error
