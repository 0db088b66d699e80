"""The whole platform on this machine: up, down, status and logs."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local import accounts, containers, servers, supervisor
from deploy.local.children import tail
from deploy.local.health import Health, readiness
from deploy.local.memory import in_mebibytes, memory_of
from deploy.local.ports import LOOPBACK
from deploy.local.problems import LocalStackError
from deploy.local.state import REPOSITORY, State
from deploy.processes import PROCESSES, SERVICES

_READY_SECONDS: Final = 180
_POLL_SECONDS: Final = 0.5
_ROW: Final = "{:<22} {:>8} {:<9} {:<24} {:>8}  {}"
_PATIENCE: Final = 10  # times a process may be seen waiting for its next try


def up(state: State, environ: Mapping[str, str]) -> str:
    """Have everything running and ready; return the gateway's URL. Safe to call again.

    Fails with LocalStackError that shows the end of the log of what is not ready.
    """
    with state.lock():
        found = servers.start(state, environ)
        prepare(state, found, environ)
        ports = supervisor.ensure(state, environ)
        _wait_until_ready(state, ports)
        url = f"http://{LOOPBACK}:{ports['gateway']['HTTP_PORT']}"
        state.gateway_url.write_text(f"{url}\n", "utf-8")
    return url


def prepare(state: State, found: servers.Servers, environ: Mapping[str, str]) -> None:
    """Run `deploy.prepare` against the servers, its output shown as it comes."""
    environment = {
        **environ,
        "ADMIN_DATABASE_URL": found.database_url,
        "AMQP_URL": found.amqp_url,
        "SECRETS_DIR": str(state.secrets),
    }
    command = [sys.executable, "-m", "deploy.prepare", "--generate"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, check=False)
    if done.returncode:
        message = "The servers could not be prepared; the reason stands above."
        raise LocalStackError(message)


def down(state: State) -> None:
    """Stop what `up` started; the data stays. Safe to call again."""
    if not state.root.exists():
        return
    with state.lock():
        state.gateway_url.unlink(missing_ok=True)
        supervisor.stop(state)
        servers.stop(state)


def destroy(state: State) -> None:
    """Stop everything and remove the state folder with all data."""
    if not state.root.exists():
        return
    down(state)
    containers.remove(state)
    accounts.remove_data_directories(state)
    shutil.rmtree(state.short_directory, ignore_errors=True)
    shutil.rmtree(state.root)


def status(state: State) -> bool:
    """Print one line a server and a process; tell whether every process is ready."""
    print(_ROW.format("PROCESS", "PID", "STATE", "PORTS", "MEMORY", "HEALTH"))
    for server in servers.own(state):
        word = "ok" if server.answers else "no answer"
        memory = in_mebibytes(memory_of(server.pid))
        port = f"port={server.port}"
        print(_ROW.format(server.name, server.pid, "RUNNING", port, memory, word))
    reported = supervisor.reports(state)
    ports = supervisor.deal_ports(state.read("processes")["base"]) if reported else {}
    ready = [_show(process.name, reported, ports) for process in PROCESSES]
    _show_total(reported)
    return all(ready)


def _show(
    name: str,
    reported: Mapping[str, supervisor.Report],
    ports: Mapping[str, Mapping[str, int]],
) -> bool:
    report = reported.get(name, supervisor.Report(0, "STOPPED"))
    own = ports.get(name, {})
    health = readiness(own["METRICS_PORT"]) if own else Health(ready=False, word="-")
    listens = " ".join(f"{kind.removesuffix('_PORT').lower()}={own[kind]}" for kind in own)
    memory = in_mebibytes(memory_of(report.pid) if report.pid else None)
    print(_ROW.format(name, report.pid or "-", report.state, listens, memory, health.word))
    return health.ready


def _show_total(reported: Mapping[str, supervisor.Report]) -> None:
    taken = [memory_of(report.pid) for report in reported.values() if report.pid]
    known = [size for size in taken if size is not None]
    if known:
        print(_ROW.format("together", "", "", "", in_mebibytes(sum(known)), "").rstrip())


def follow_logs(state: State, service: str | None) -> None:
    """Show the logs of a service or a process, or of all, as they grow; does not return."""
    names = [process.name for process in PROCESSES]
    if service is not None:
        names = [name for name in names if service in {name, name.rpartition("-")[0]}]
    if not names:
        message = f"No service or process {service!r}; there are: gateway, {', '.join(SERVICES)}."
        raise LocalStackError(message)
    files = [str(state.logs / f"{name}.log") for name in names]
    files = [file for file in files if Path(file).exists()]
    if not files:
        message = f"No logs in {state.logs} yet: `make up` first."
        raise LocalStackError(message)
    os.execvp("tail", ["tail", "-n", "50", "-F", *files])  # noqa: S606


def _wait_until_ready(state: State, ports: Mapping[str, Mapping[str, int]]) -> None:
    waiting = [process.name for process in PROCESSES]
    seen_failing: Counter[str] = Counter()
    deadline = time.monotonic() + _READY_SECONDS
    while waiting:
        waiting = [name for name in waiting if not readiness(ports[name]["METRICS_PORT"]).ready]
        reported = supervisor.reports(state)
        for name in waiting:
            word = reported[name].state if name in reported else "STOPPED"
            seen_failing[name] += word == "BACKOFF"
            if word == "FATAL" or seen_failing[name] > _PATIENCE or time.monotonic() > deadline:
                raise LocalStackError(_not_ready(state, name, word, len(waiting)))
        if waiting:
            time.sleep(_POLL_SECONDS)


def _not_ready(state: State, name: str, word: str, count: int) -> str:
    log = state.logs / f"{name}.log"
    summary = f"Not ready: {count} of {len(PROCESSES)}. {name} is {word}; its log {log} ends:"
    return f"{summary}\n{tail(log)}"
