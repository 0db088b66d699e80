"""PostgreSQL and RabbitMQ as Docker containers, for machines without their binaries."""

import contextlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import docker
import docker.errors

from deploy.local.answers import broker_answers, comes_to_answer, database_answers
from deploy.local.ports import LOOPBACK, remembered_block
from deploy.local.problems import LocalStackError
from deploy.local.state import State

_POSTGRES_IMAGE: Final = "postgres:16"
_RABBITMQ_IMAGE: Final = "rabbitmq:3.13-management"
_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 60


def are_possible() -> bool:
    """Tell whether a Docker engine answers."""
    try:
        client = docker.from_env(timeout=10)
    except docker.errors.DockerException:
        return False
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except docker.errors.DockerException:
            return False


@dataclass(frozen=True, slots=True)
class _Server:
    """What a container of a server is made of; `data` is the folder that its volume keeps."""

    name: str
    image: str
    port: int
    data: str
    environment: Mapping[str, str]
    command: list[str] | None = None


def start_postgres(state: State) -> str:
    """Start PostgreSQL in a container of this state folder; return its administrator's URL."""
    password = _password(state, "postgres-container")
    environment = {
        "POSTGRES_USER": "wangge_admin",
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DB": "postgres",
    }
    command = ["postgres", "-c", "max_connections=300"]
    port = _run(
        state,
        _Server(
            "postgres", _POSTGRES_IMAGE, 5432, "/var/lib/postgresql/data", environment, command
        ),
    )
    url = f"postgresql+psycopg://wangge_admin:{password}@{LOOPBACK}:{port}/postgres"
    _wait("PostgreSQL", database_answers, url)
    return url


def start_rabbitmq(state: State) -> str:
    """Start RabbitMQ in a container of this state folder; return the URL of its vhost."""
    password = _password(state, "rabbitmq-container")
    environment = {
        "RABBITMQ_DEFAULT_USER": "wangge",
        "RABBITMQ_DEFAULT_PASS": password,
        "RABBITMQ_DEFAULT_VHOST": "wangge",
    }
    port = _run(state, _Server("rabbitmq", _RABBITMQ_IMAGE, 5672, "/var/lib/rabbitmq", environment))
    url = f"amqp://wangge:{password}@{LOOPBACK}:{port}/wangge"
    _wait("RabbitMQ", broker_answers, url)
    return url


def stop(state: State) -> None:
    """Stop the containers of this state folder; their volumes keep the data."""
    names = state.read("containers")
    if not names:
        return
    with contextlib.closing(docker.from_env()) as client:
        for name in names.values():
            with contextlib.suppress(docker.errors.NotFound):
                client.containers.get(name).stop(timeout=_STOP_SECONDS)


def remove(state: State) -> None:
    """Remove the containers of this state folder and their data."""
    names = state.read("containers")
    if not names:
        return
    with contextlib.closing(docker.from_env()) as client:
        for name in names.values():
            with contextlib.suppress(docker.errors.NotFound):
                client.containers.get(name).remove(force=True)
            with contextlib.suppress(docker.errors.NotFound):
                client.volumes.get(name).remove()
    state.forget("containers")


def _password(state: State, name: str) -> str:
    known = state.read(name)
    if "password" not in known:
        known = {"password": secrets.token_urlsafe(24)}
        state.write(name, known)
    return str(known["password"])


def _run(state: State, server: _Server) -> int:
    """Have the container running; return the loopback port it is published on."""
    name = f"wangge-{state.fingerprint}-{server.name}"
    state.write("containers", {**state.read("containers"), server.name: name})
    with contextlib.closing(docker.from_env()) as client:
        try:
            container = client.containers.get(name)
            container.start()
        except docker.errors.NotFound:
            port = remembered_block(state, f"{server.name}-container", 1)
            container = client.containers.run(
                server.image,
                server.command,
                name=name,
                hostname=name,  # RabbitMQ keeps its data under its host's name
                detach=True,
                environment=dict(server.environment),
                ports={f"{server.port}/tcp": (LOOPBACK, port)},
                volumes={name: {"bind": server.data, "mode": "rw"}},
            )
        container.reload()
        bindings = container.ports[f"{server.port}/tcp"] or []
        return int(bindings[0]["HostPort"])


def _wait(name: str, answers: Callable[[str], bool], url: str) -> None:
    if not comes_to_answer(answers, url, seconds=_START_SECONDS):
        message = f"{name} in its container does not answer: see `docker logs`."
        raise LocalStackError(message)
