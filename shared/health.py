"""Whether a process can do its work: checks run in the background, answers come at once."""

import logging
import threading
from collections.abc import Callable, Mapping

import kombu
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from shared.config import ConfigError

log = logging.getLogger(__name__)

Check = Callable[[], object]
"""A function that returns when something is reachable, and raises when it is not."""

INTERVAL_SECONDS = 5.0
NOT_CHECKED = "not checked yet"


class Readiness:
    """The state of what a process depends on, refreshed in the background."""

    def __init__(
        self, checks: Mapping[str, Check], *, critical: frozenset[str] = frozenset({"database"})
    ) -> None:
        """``critical`` names the checks without which the process is down and not just degraded."""
        self._checks = dict(checks)
        self._critical = critical
        self._faults: dict[str, str | None] = dict.fromkeys(checks, NOT_CHECKED)
        self._stopped = threading.Event()
        self._listeners: list[Callable[[str, bool], None]] = []

    def on_change(self, listener: Callable[[str, bool], None]) -> None:
        """Call ``listener(name, reachable)`` after a first check, and whenever a result differs."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Check everything once, then go on in the background."""
        self.refresh()
        threading.Thread(target=self._run, name="readiness", daemon=True).start()

    def stop(self) -> None:
        """End the background checks."""
        self._stopped.set()

    def refresh(self) -> None:
        """Run every check now."""
        for name, check in self._checks.items():
            fault = _fault_of(check)
            before, self._faults[name] = self._faults[name], fault
            if before == NOT_CHECKED or (before is None) != (fault is None):
                log.log(
                    logging.INFO if fault is None else logging.WARNING,
                    "%s is %s",
                    name,
                    fault or "reachable",
                )
                for listener in self._listeners:
                    listener(name, fault is None)

    def report(self) -> dict[str, object]:
        """``{"status": "ok" | "degraded" | "down", "checks": {name: "ok" | fault}}``."""
        checks = {name: fault or "ok" for name, fault in self._faults.items()}
        failing = {name for name, fault in self._faults.items() if fault}
        if failing & self._critical:
            return {"status": "down", "checks": checks}
        return {"status": "degraded" if failing else "ok", "checks": checks}

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL_SECONDS):
            self.refresh()


def database_check(engine: Engine) -> Check:
    """A check that the database answers."""

    def ask() -> object:
        with engine.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar_one()

    def check() -> object:
        try:
            return ask()
        except OperationalError as error:
            if not error.connection_invalidated:
                raise
            return ask()  # that connection died while it was idle; this one is new

    return check


def broker_check(amqp_url: str) -> Check:
    """A check that the broker accepts a connection."""

    def check() -> object:
        with kombu.Connection(amqp_url, connect_timeout=2) as connection:
            return connection.connect()

    return check


def require(what: str, variable: str, check: Callable[[], object]) -> None:
    """Raise ConfigError with what to do where a server cannot be reached at the start."""
    try:
        check()
    except Exception as error:  # whatever the client library raises, the answer is the same
        raise ConfigError(
            f"cannot start: {what} cannot be reached ({str(error).splitlines()[0]}). "
            f"Start it, or set {variable} to where it runs."
        ) from error


def _fault_of(check: Check) -> str | None:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever fails is the answer
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None
