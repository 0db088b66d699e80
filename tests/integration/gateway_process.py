"""The gateway as a process of its own, in front of services that a test serves."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import until

START_SECONDS = 180
"""A busy machine takes its time; a gateway that ends is noticed at once."""


@dataclass(slots=True)
class Process:
    """A running gateway."""

    child: subprocess.Popen[bytes]
    http_port: int
    metrics_port: int
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def end(self) -> int:
        """Ask it to stop, and wait until it has; its exit code."""
        if self.child.poll() is None:
            self.child.terminate()
        return self.child.wait(timeout=30)


def start_gateway(
    addresses: Mapping[str, str], jwks: str, settings: Mapping[str, str], output: Path
) -> Process:
    """Start it before services (name → ``host:port``), and wait until it answers."""
    http_port, metrics_port = _free_port(), _free_port()
    environ = {
        **os.environ,
        **{f"{name.upper()}_GRPC_ADDR": address for name, address in addresses.items()},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HTTP_PORT": str(http_port),
        "METRICS_PORT": str(metrics_port),
        "TOKEN_JWKS": jwks,
        "RATE_LIMIT_PUBLIC": "100000/minute",
        **settings,
    }
    with output.open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "gateway"], env=environ, stdout=log, stderr=subprocess.STDOUT
        )
    process = Process(child, http_port, metrics_port, output)
    _await(process)
    return process


def _await(process: Process) -> None:
    def answers() -> bool:
        if process.child.poll() is not None:
            output = process.output.read_text()
            pytest.fail(f"the gateway did not start:\n{output}", pytrace=False)
        with suppress(httpx.TransportError):
            return httpx.get(f"{process.url}/healthz").status_code == httpx.codes.OK
        return False

    try:
        until(answers, "the gateway's first answer", seconds=START_SECONDS)
    except BaseException:
        process.child.kill()
        process.child.wait()
        raise


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
