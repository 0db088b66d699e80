"""The gateway as a process of its own, in front of services that a test serves."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

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
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.child.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{process.url}/healthz").status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    process.child.kill()
    process.child.wait()
    pytest.fail(f"the gateway did not start:\n{process.output.read_text()}", pytrace=False)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
