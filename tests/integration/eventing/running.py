"""An events process as it runs in production: a child process, real signals, its log and metrics."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.support.waiting import LIMIT_SECONDS, until

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class EventsProcess:
    """One events process. It is killed, if it still lives, when the test ends."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self._log = log
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        with log.open("ab") as output:
            self.child = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={**inherited, "METRICS_PORT": str(self.port), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self) -> "EventsProcess":
        until(lambda: self._handles() or self._ended())
        return self

    def signal(self, number: signal.Signals) -> None:
        self.child.send_signal(number)

    def wait(self, seconds: float = LIMIT_SECONDS) -> int:
        return self.child.wait(seconds)

    def kill(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def output(self) -> str:
        return self._log.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """The log's records so far."""
        found = []
        for line in self.output().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def said(self, part: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if part in line["message"]]

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """Status and document of ``/readyz``."""
        return self._get("/readyz")

    def metric(self, name: str, **labels: str) -> float:
        """The metric's value, 0 where it was never set."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def handled(self, result: str) -> float:
        return self.metric("wangge_events_handled_total", result=result)

    def _handles(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.said("handling events")) and self.readiness()[0] == 200
        return False

    def _ended(self) -> bool:
        assert self.child.poll() is None, f"ended with {self.child.poll()}:\n{self.output()}"
        return False

    def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as found:
                return found.status, json.load(found)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)
