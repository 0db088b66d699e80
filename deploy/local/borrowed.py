"""Servers for the length of one command: what `make test` runs under."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from deploy.local import servers, stack
from deploy.local.children import Child, started_at
from deploy.local.state import BORROWER, REPOSITORY, State


def run(command: Sequence[str], environ: Mapping[str, str], kept: State | None = None) -> int:
    """Run a command with WANGGE_DATABASE_URL and WANGGE_AMQP_URL set; return its exit code.

    The servers are stopped after it, whatever its outcome. Without `kept` they are new and empty,
    and their data goes with them.
    """
    with _terminating_as_interrupt(), lent(environ, kept) as found:
        environment = {
            **environ,
            "WANGGE_DATABASE_URL": found.database_url,
            "WANGGE_AMQP_URL": found.amqp_url,
        }
        return _wait_for(subprocess.Popen(list(command), env=environment))


@contextmanager
def lent(environ: Mapping[str, str], kept: State | None = None) -> Iterator[servers.Servers]:
    """Start servers, and stop them at the end; without `kept` they start empty and leave nothing.

    Servers that a killed borrower left behind are stopped and removed before and after.
    """
    _sweep()
    state = kept or _fresh_state()
    try:
        yield servers.start(state, environ)
    finally:
        if kept is None:
            stack.destroy(state)
        else:
            stack.down(state)
        _sweep()


def _fresh_state() -> State:
    state = State(REPOSITORY / ".wangge" / f"borrowed-{os.getpid()}")
    state.create()
    state.write(BORROWER, Child(os.getpid(), started_at(os.getpid()) or "").record())
    return state


def _sweep() -> None:
    """Stop and remove servers whose borrower was killed before it could."""
    for folder in (REPOSITORY / ".wangge").glob("borrowed-*"):
        state = State(folder)
        borrower = state.read(BORROWER)
        if borrower and not Child.from_record(borrower).is_alive():
            stack.destroy(state)


def _wait_for(process: subprocess.Popen[bytes]) -> int:
    """Wait for the command; pass an interruption on to it and wait until it has cleaned up."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        return 128 + signal.SIGINT


@contextmanager
def _terminating_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP as Ctrl-C, so that the servers are stopped then too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {name: signal.signal(name, interrupt) for name in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
