"""Bring the servers to what the processes need: `python -m deploy.prepare [--generate]`.

Secrets, databases, roles, migrations, broker topology, and the first city operator, in that order.
Repeatable, and safe to run twice at once: the second waits for the first.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from kombu.exceptions import OperationalError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from deploy import roles, secret_files
from deploy.processes import SERVICES
from shared.config import ConfigError, Env
from shared.eventing.topology import RETRY_SECONDS

_ROOT: Final = Path(__file__).resolve().parents[1]
_LOCK: Final = 0x77616E67676501  # "wangge" and 1: the administrator's advisory lock of `prepare`


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of `prepare`."""

    admin: URL
    amqp_url: str
    secrets_dir: Path
    generate: bool
    retry_seconds: tuple[float, ...]

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, generate: bool) -> "Settings":
        """Read the settings; fails with ConfigError that names every missing or unusable one."""
        env = Env(environ)
        admin, amqp_url = env.text("ADMIN_DATABASE_URL"), env.text("AMQP_URL")
        secrets_dir = Path(env.text("SECRETS_DIR"))
        retry_seconds = env.numbers("EVENT_RETRY_SECONDS", RETRY_SECONDS)
        env.check()
        try:
            return cls(make_url(admin), amqp_url, secrets_dir, generate, retry_seconds)
        except ArgumentError as error:
            message = "ADMIN_DATABASE_URL must be postgresql+psycopg://user:password@host:port/name"
            raise ConfigError(message) from error


def prepare(settings: Settings) -> None:
    """Do all of it; raises the first thing that cannot be done."""
    with administrators_lock(settings.admin) as connection:
        roles.check_server(connection)
        prepare_logins(settings, connection)
        _migrate(settings.admin)
        _declare_topology(settings.amqp_url, settings.retry_seconds)
        _ensure_operator(settings.secrets_dir)


def prepare_logins(settings: Settings, connection: psycopg.Connection) -> None:
    """Bring secrets, databases and roles to what they must be, one service after the other."""
    if settings.generate:
        secret_files.generate(settings.secrets_dir, settings.admin, settings.amqp_url)
    secret_files.check(settings.secrets_dir)
    passwords = secret_files.passwords(settings.secrets_dir)
    for service in SERVICES:
        roles.ensure_service(connection, settings.admin, service, passwords)
    print(f"prepare: databases and roles of {len(SERVICES)} services")


def main(arguments: list[str] | None = None) -> int:
    """Run `prepare` from the environment; 0 when done, 1 with a message on standard error."""
    parser = argparse.ArgumentParser(prog="deploy.prepare", description=__doc__)
    parser.add_argument(
        "--generate", action="store_true", help="fill in the secrets that are missing"
    )
    chosen = parser.parse_args(arguments)
    try:
        prepare(Settings.from_env(os.environ, generate=chosen.generate))
    except (
        ConfigError,
        secret_files.SecretsError,
        roles.RolesError,
        psycopg.OperationalError,
        OperationalError,
    ) as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def administrators_lock(admin: URL) -> Iterator[psycopg.Connection]:
    """Hold the administrator's lock; the server frees it if this process dies."""
    with roles.admin_connection(admin) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        yield connection


def _migrate(admin: URL) -> None:
    services = [name for name in SERVICES if (_ROOT / "services" / name / "migrations").is_dir()]
    url = admin.render_as_string(hide_password=False)
    for service in services:
        _part("shared.db.migrate").upgrade(service, url)
    print(f"prepare: migrations of {', '.join(services) or 'no service'}")


def _declare_topology(amqp_url: str, retry_seconds: Sequence[float]) -> None:
    topology = _part("shared.eventing.topology")
    topology.declare(amqp_url, [contract_of(service) for service in SERVICES], retry_seconds)
    print("prepare: exchanges and queues")


def contract_of(service: str) -> Any:  # a shared.eventing.topology.Contract
    """Read what a service states of its events."""
    schemas = _part(f"services.{service}.schemas")
    contract = _part("shared.eventing.topology").Contract
    return contract(service, schemas.EVENTS, schemas.CONSUMES)


def _ensure_operator(secrets_dir: Path) -> None:
    url = secret_files.read(secrets_dir, "personnel.database_url")
    password = secret_files.read(secrets_dir, secret_files.OPERATOR_PASSWORD)
    _part("services.personnel.bootstrap").ensure_operator(url, password)
    print("prepare: the first city operator")


def _part(module: str) -> Any:
    """Import a part only when its turn comes, so that the earlier steps need none of it."""
    return importlib.import_module(module)


if __name__ == "__main__":
    sys.exit(main())
