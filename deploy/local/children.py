"""Processes we start that outlive the command, and stopping them without ever hitting another."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Account:
    """The system user a server runs as when it refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Child:
    """A process we started: its pid and the moment it started, which together are never reused."""

    pid: int
    started: str

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Child":
        """Read back what `record` wrote."""
        return cls(int(record["pid"]), str(record["started"]))

    def record(self) -> dict[str, Any]:
        """Return what identifies the process, fit for a state file."""
        return {"pid": self.pid, "started": self.started}

    def is_alive(self) -> bool:
        """Tell whether this very process still runs; another with the same pid does not count."""
        _reap(self.pid)
        return started_at(self.pid) == self.started

    def stop(self, first: signal.Signals, seconds: float, last: signal.Signals) -> None:
        """Send `first`, wait up to `seconds`, then send `last` and wait as long again."""
        for chosen in (first, last):
            if not self.is_alive():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, chosen)
            if self._gone_within(seconds):
                return

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.is_alive():
                return True
            time.sleep(_POLL_SECONDS)
        return not self.is_alive()


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path,
    account: Account | None = None,
) -> Child:
    """Start a process in a session of its own, so that Ctrl-C here does not reach it."""
    identity: dict[str, Any] = {}
    if account is not None:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
            **identity,
        )
    process.returncode = 0  # `Child` waits for it; without this Python warns that nobody does
    return Child(process.pid, started_at(process.pid) or "")


def started_at(pid: int) -> str | None:
    """Return when a running process started, in the system's own words; None once it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        return _from_proc(stat)
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if not shown or shown.startswith("Z"):
        return None
    return shown.split(maxsplit=1)[1]


def _from_proc(stat: Path) -> str | None:
    try:
        fields = stat.read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else start_ticks


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log, or a note that there is none."""
    if not path.exists():
        return f"({path} does not exist)"
    return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-lines:])
