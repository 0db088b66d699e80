"""Find or start PostgreSQL and RabbitMQ.

For each server, in this order: the one named by the environment; local binaries, run as a private
instance; the same after installing them with apt; a Docker container. Never an instance of the
machine's own that was not named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import apt, containers, postgres, rabbitmq
from deploy.local.problems import LocalStackError
from deploy.local.state import State


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the two servers answer, as administrator."""

    database_url: str
    amqp_url: str


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    variable: str
    package: str
    binaries: Callable[[], Path | None]
    start: Callable[[State, Path], str]
    start_container: Callable[[State], str]


_POSTGRES: Final = _Kind(
    "PostgreSQL (15 or later)",
    "WANGGE_DATABASE_URL",
    "postgresql",
    postgres.binaries,
    postgres.start,
    containers.start_postgres,
)
_RABBITMQ: Final = _Kind(
    "RabbitMQ (3.10 or later)",
    "WANGGE_AMQP_URL",
    "rabbitmq-server",
    rabbitmq.binaries,
    rabbitmq.start,
    containers.start_rabbitmq,
)


def start(state: State, environ: Mapping[str, str]) -> Servers:
    """Return two servers that answer, started where they had to be; safe to call again."""
    state.create()
    return Servers(_find(_POSTGRES, state, environ), _find(_RABBITMQ, state, environ))


def stop(state: State) -> None:
    """Stop what `start` started in this state folder, and nothing else."""
    rabbitmq.stop(state)
    postgres.stop(state)
    containers.stop(state)


def _find(kind: _Kind, state: State, environ: Mapping[str, str]) -> str:
    named = environ.get(kind.variable)
    if named:
        return named
    folder = kind.binaries()
    if folder is None and apt.is_possible():
        apt.install(kind.package)
        folder = kind.binaries()
    if folder is not None:
        return kind.start(state, folder)
    if containers.are_possible():
        return kind.start_container(state)
    message = (
        f"No {kind.name} found. Do one of these: set {kind.variable} to a server's URL as "
        f"administrator; install {kind.package}; or start Docker."
    )
    raise LocalStackError(message)
