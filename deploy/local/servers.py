"""Find or start PostgreSQL and RabbitMQ.

For each server, in this order: the one named by the environment; local binaries, run as a private
instance; the same after installing them with apt; a Docker container. Never an instance of the
machine's own that was not named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from deploy.local import answers, apt, containers, postgres, rabbitmq
from deploy.local.children import Child
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
    answers: Callable[[str], bool]


_POSTGRES: Final = _Kind(
    "PostgreSQL (15 or later)",
    "WANGGE_DATABASE_URL",
    "postgresql",
    postgres.binaries,
    postgres.start,
    containers.start_postgres,
    answers.database_answers,
)
_RABBITMQ: Final = _Kind(
    "RabbitMQ (3.10 or later)",
    "WANGGE_AMQP_URL",
    "rabbitmq-server",
    rabbitmq.binaries,
    rabbitmq.start,
    containers.start_rabbitmq,
    answers.broker_answers,
)


def start(state: State, environ: Mapping[str, str]) -> Servers:
    """Return two servers that answer, started where they had to be; safe to call again."""
    state.create()
    return Servers(_find(_POSTGRES, state, environ), _find(_RABBITMQ, state, environ))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that this state folder runs."""

    name: str
    pid: int
    port: int
    answers: bool


def own(state: State) -> list[Running]:
    """Return the private instances that run now; named servers and containers are not among them."""
    checks = (("postgres", answers.database_answers), ("rabbitmq", answers.broker_answers))
    found = []
    for name, check in checks:
        record = state.read(name)
        if record and Child.from_record(record).is_alive():
            port = make_url(record["url"]).port or 0
            found.append(Running(name, int(record["pid"]), port, check(record["url"])))
    return found


def stop(state: State) -> None:
    """Stop what `start` started in this state folder, and nothing else."""
    rabbitmq.stop(state)
    postgres.stop(state)
    containers.stop(state)


def _find(kind: _Kind, state: State, environ: Mapping[str, str]) -> str:
    named = environ.get(kind.variable)
    if named:
        return _checked(kind, named)
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


def _checked(kind: _Kind, named: str) -> str:
    """Return the URL of a named server, its driver spelled out; fail unless it lets us in."""
    url = named
    if "postgres" in named.partition(":")[0]:
        url = f"postgresql+psycopg:{named.partition(':')[2]}"
    if not kind.answers(url):
        message = f"{kind.variable} names a server that does not answer or refuses the login."
        raise LocalStackError(message)
    return url
