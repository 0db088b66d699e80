"""A private RabbitMQ: its own data, name, cookie, ports and user, and its own epmd."""

import os
import secrets
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from deploy.local.answers import broker_answers, comes_to_answer
from deploy.local.children import Child, spawn, tail
from deploy.local.ports import LOOPBACK, is_free, remembered_block
from deploy.local.problems import LocalStackError
from deploy.local.state import State
from deploy.private_files import write_private

_USER: Final = "wangge"
_VHOST: Final = "wangge"
_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 60
_ERLANG_ARGUMENTS: Final = "-kernel inet_dist_use_interface {127,0,0,1} -noinput"


def binaries() -> Path | None:
    """Return the folder of RabbitMQ's own scripts.

    Debian's `rabbitmq-server` on the path is a wrapper that changes user and folder, so the
    scripts it wraps are preferred.
    """
    packaged = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("rabbitmq-server")] if found]
    for folder in (*packaged, *on_path):
        if (folder / "rabbitmq-server").exists() and _epmd() is not None:
            return folder
    return None


def start(state: State, folder: Path) -> str:
    """Start the state folder's RabbitMQ unless it runs, and return the URL of its own vhost."""
    remembered = state.read("rabbitmq")
    if remembered and Child.from_record(remembered).is_alive():
        return str(remembered["url"])
    stop(state)
    port = remembered_block(state, "rabbitmq", 3)
    environment = _environment(state, port)
    password = _configure(state, port)
    epmd = _start_epmd(state, environment, port + 2)
    broker = spawn(
        [str(folder / "rabbitmq-server")],
        log=state.logs / "rabbitmq.log",
        environment=environment,
        directory=state.root / "rabbitmq",
    )
    url = f"amqp://{_USER}:{password}@{LOOPBACK}:{port}/{_VHOST}"
    state.write("rabbitmq", {**broker.record(), "url": url, "epmd": epmd.record()})
    if not comes_to_answer(broker_answers, url, seconds=_START_SECONDS, alive=broker.is_alive):
        stop(state)
        log = state.logs / "rabbitmq.log"
        message = f"RabbitMQ did not start. The end of {log}:\n{tail(log)}"
        raise LocalStackError(message)
    return url


def stop(state: State) -> None:
    """Stop the state folder's RabbitMQ and the epmd that was started for it."""
    remembered = state.read("rabbitmq")
    if remembered:
        Child.from_record(remembered).stop(signal.SIGTERM, _STOP_SECONDS, signal.SIGKILL)
        Child.from_record(remembered["epmd"]).stop(signal.SIGTERM, 5, signal.SIGKILL)
    state.forget("rabbitmq")


def _epmd() -> str | None:
    """Return Erlang's port mapper, which some packages keep off the path."""
    found = shutil.which("epmd")
    bundled = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"), reverse=True)
    return found or (str(bundled[0]) if bundled else None)


def _environment(state: State, port: int) -> dict[str, str]:
    """Return the whole environment of the broker; nothing of the machine's own instance is read."""
    home = state.root / "rabbitmq"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_PORT": str(port + 2),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_ALLOW_INPUT": "1",  # the script then becomes the broker: one pid to stop
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_DIST_PORT": str(port + 1),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_LOG_BASE": str(state.logs),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_NODENAME": f"wangge-{state.fingerprint}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG_ARGUMENTS,
    }


def _configure(state: State, port: int) -> str:
    """Write the configuration; return the password of the one user, made on first use."""
    home = state.root / "rabbitmq"
    home.mkdir(mode=0o700, exist_ok=True)
    cookie = home / ".erlang.cookie"
    if not cookie.exists():
        write_private(cookie, secrets.token_hex(20))
        cookie.chmod(0o400)
    remembered = home / "password"
    if not remembered.exists():
        write_private(remembered, secrets.token_urlsafe(24))
    password = remembered.read_text("utf-8")
    (home / "enabled_plugins").write_text("[].\n", "utf-8")
    (home / "rabbitmq-env.conf").write_text("", "utf-8")
    settings = {
        "listeners.tcp.local": f"{LOOPBACK}:{port}",
        "default_user": _USER,  # in the place of guest, which is then never made
        "default_pass": password,
        "default_vhost": _VHOST,
        "disk_free_limit.absolute": "50MB",
        "log.console.level": "warning",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    write_private(home / "rabbitmq.conf", lines)
    return password


def _start_epmd(state: State, environment: dict[str, str], port: int) -> Child:
    program = _epmd()
    if program is None:
        message = "Erlang's epmd is missing: install Erlang, or set WANGGE_AMQP_URL."
        raise LocalStackError(message)
    epmd = spawn(
        [program, "-port", str(port), "-address", LOOPBACK],
        log=state.logs / "epmd.log",
        environment=environment,
        directory=state.root,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and epmd.is_alive():
        if not is_free(port):
            return epmd
        time.sleep(0.05)
    epmd.stop(signal.SIGTERM, 5, signal.SIGKILL)
    message = f"epmd did not start:\n{tail(state.logs / 'epmd.log')}"
    raise LocalStackError(message)
