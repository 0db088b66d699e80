"""The supervisor that keeps every process of the table running on this machine."""

import os
import signal
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from supervisor.xmlrpc import SupervisorTransport

from deploy.local.children import Child, spawn, started_at, tail
from deploy.local.ports import LOOPBACK, remembered_block
from deploy.local.problems import LocalStackError
from deploy.local.state import REPOSITORY, State
from deploy.private_files import write_private
from deploy.processes import PROCESSES, Process, peer_variable

_BLOCK: Final = sum(len(process.ports) for process in PROCESSES)
_ANSWER_SECONDS: Final = 15
_STOP_SECONDS: Final = 60
_MARK: Final = "WANGGE_STATE"
_GROUP: Final = "wangge"


@dataclass(frozen=True, slots=True)
class Report:
    """What the supervisor says of one process; `pid` is 0 while it does not run."""

    pid: int
    state: str


def deal_ports(base: int) -> dict[str, dict[str, int]]:
    """Give each process its ports, consecutive from `base` in the order of the table."""
    dealt: dict[str, dict[str, int]] = {}
    following = base
    for process in PROCESSES:
        dealt[process.name] = {}
        for variable in process.ports:
            dealt[process.name][variable] = following
            following += 1
    return dealt


def environment_of(
    process: Process,
    ports: Mapping[str, Mapping[str, int]],
    secrets_dir: Path,
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return all settings of a process; secrets by file, so that no listing shows them."""
    own = {variable: str(port) for variable, port in ports[process.name].items()}
    secrets = {f"{name}_FILE": str(secrets_dir / file) for name, file in process.secrets.items()}
    peers = {
        peer_variable(peer): f"{LOOPBACK}:{ports[f'{peer}-grpc']['GRPC_PORT']}"
        for peer in process.peers
    }
    chosen = {name: environ[name] for name in process.optional if environ.get(name)}
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "proto" / "gen")])
    return {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **own, **secrets, **peers, **chosen}


def render(state: State, ports: Mapping[str, Mapping[str, int]], environ: Mapping[str, str]) -> str:
    """Return the supervisor's whole configuration."""
    sections = [_supervisor_section(state)]
    for process in PROCESSES:
        environment = environment_of(process, ports, state.secrets, environ)
        environment[_MARK] = str(state.root)
        sections.append(_program_section(process, environment, state.logs / f"{process.name}.log"))
    return "\n".join(sections)


def ensure(state: State, environ: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Have the supervisor run the table as it stands now; return each process's ports.

    A supervisor that already runs the same configuration is left alone, but for processes that
    had given up, which are started again; a changed configuration replaces it.
    """
    running = is_running(state)
    if not running:
        stop(state)  # what outlived a killed supervisor still holds its ports
    base = state.read("processes").get("base") or remembered_block(state, "processes", _BLOCK)
    ports = deal_ports(base)
    text = render(state, ports, environ)
    path = state.root / "supervisord.conf"
    if running and path.read_text("utf-8") == text:
        with _proxy(state) as proxy:
            proxy.supervisor.startAllProcesses(False)  # noqa: FBT003 -- XML-RPC has no names
        return ports
    stop(state)
    write_private(path, text)
    _launch(state, path)
    state.write("processes", {**state.read("processes"), "base": base})
    return ports


def is_running(state: State) -> bool:
    """Tell whether this state folder's supervisor runs."""
    known = state.read("processes")
    return bool(known) and Child.from_record(known).is_alive()


def reports(state: State) -> dict[str, Report]:
    """Return what the supervisor says of each process; empty when it does not run."""
    if not is_running(state):
        return {}
    with _proxy(state) as proxy:
        entries: Any = proxy.supervisor.getAllProcessInfo()
    return {entry["name"]: Report(entry["pid"], entry["statename"]) for entry in entries}


def rest(state: State, names: Iterable[str]) -> None:
    """Stop some of the processes, gracefully, until `wake`; those that rest already stay so."""
    now = reports(state)
    for name in names:
        if now[name].state != "STOPPED":
            _proxy(state).supervisor.stopProcess(f"{_GROUP}:{name}")


def wake(state: State, names: Iterable[str]) -> None:
    """Start processes that rest; returns at once."""
    now = reports(state)
    for name in names:
        if now[name].state == "STOPPED":
            _proxy(state).supervisor.startProcess(f"{_GROUP}:{name}", False)  # noqa: FBT003


def stop(state: State) -> None:
    """Stop every process, gracefully and together, and then the supervisor."""
    known = state.read("processes")
    if known:
        child = Child.from_record(known)
        child.stop(signal.SIGTERM, _STOP_SECONDS, signal.SIGKILL)
    for orphan in _orphans(state):
        orphan.stop(signal.SIGTERM, _STOP_SECONDS, signal.SIGKILL)
    state.forget("processes")


def _orphans(state: State) -> list[Child]:
    """Return processes that outlived a killed supervisor, found by the mark that only ours carry."""
    mark = f"{_MARK}={state.root}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile, or is another user's
            continue
        started = started_at(int(folder.name)) if marked else None
        if started is not None:
            found.append(Child(int(folder.name), started))
    return found


def _supervisor_section(state: State) -> str:
    socket = state.short_directory / "supervisor.sock"
    return f"""\
[unix_http_server]
file = {socket}
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
nodaemon = true
directory = {_plain(str(REPOSITORY))}
logfile = {_plain(str(state.logs / "supervisord.log"))}
pidfile = {_plain(str(state.root / "supervisord.pid"))}
silent = true
minfds = 1024

; One group stops together; without it the supervisor waits for each in turn.
[group:{_GROUP}]
programs = {",".join(process.name for process in PROCESSES)}
"""


def _program_section(process: Process, environment: Mapping[str, str], log: Path) -> str:
    variables = ",".join(f'{name}="{_plain(value)}"' for name, value in sorted(environment.items()))
    return f"""\
[program:{process.name}]
command = "{_plain(sys.executable)}" -m {process.module}
directory = {_plain(str(REPOSITORY))}
environment = {variables}
autorestart = true
startsecs = 2
startretries = 20
stopwaitsecs = 20
stdout_logfile = {_plain(str(log))}
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 2
redirect_stderr = true
"""


def _plain(value: str) -> str:
    """Return the value, if the supervisor's file can carry it: `%` is expanded there, even twice."""
    if set(value) & set('%"\n'):
        message = f"The supervisor cannot be told a value with %, a quote or a line end: {value!r}."
        raise LocalStackError(message)
    return value


def _launch(state: State, configuration: Path) -> None:
    state.create_short_directory()
    child = spawn(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        log=state.logs / "supervisord.out.log",
        environment=_inherited(os.environ),
        directory=REPOSITORY,
    )
    state.write("processes", child.record())
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline and child.is_alive():
        try:
            with _proxy(state) as proxy:
                proxy.supervisor.getState()
        except OSError:
            time.sleep(0.1)
        else:
            return
    end = tail(state.logs / "supervisord.out.log")
    message = f"The supervisor did not start:\n{end}"
    raise LocalStackError(message)


def _inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without our own variables, which would win over the files we name."""
    read = {name for process in PROCESSES for name in (*process.required, *process.optional)}
    ours = read | {f"{name}_FILE" for name in read}
    return {name: value for name, value in environ.items() if name not in ours}


def _proxy(state: State) -> xmlrpc.client.ServerProxy:
    socket = state.short_directory / "supervisor.sock"
    transport = SupervisorTransport(None, None, f"unix://{socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
