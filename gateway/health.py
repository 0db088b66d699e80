"""Whether the services behind the gateway can work, asked by grpc.health.v1."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

DEADLINE_SECONDS = 1.0
FRESH_SECONDS = 1.0
SERVING = health_pb2.HealthCheckResponse.SERVING
CHECKS = {"database": "", "broker": "broker"}
"""What a service depends on → the name under which its health shows it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the whole platform as the gateway sees it."""

    status: str
    services: Mapping[str, str]

    @property
    def http_status(self) -> int:
        """503 only where nothing can be done at all."""
        return 503 if self.status == "down" else 200


class PlatformHealth:
    """Asks every service at once; asks again only after a second, however many want to know."""

    def __init__(self, channels: Mapping[str, grpc.Channel]) -> None:
        self._stubs = {name: health_pb2_grpc.HealthStub(each) for name, each in channels.items()}
        self._lock = threading.Lock()
        self._report = Report("down", {})
        self._asked_at = -FRESH_SECONDS

    def report(self) -> Report:
        """The present state."""
        with self._lock:
            if time.monotonic() - self._asked_at >= FRESH_SECONDS:
                self._report = self._ask()
                self._asked_at = time.monotonic()
            return self._report

    def _ask(self) -> Report:
        pending = {
            service: {check: _check(stub, name) for check, name in CHECKS.items()}
            for service, stub in self._stubs.items()
        }
        services = {
            service: _state({check: _serves(call) for check, call in calls.items()})
            for service, calls in pending.items()
        }
        states = set(services.values())
        if states == {"ok"}:
            return Report("ok", services)
        return Report("down" if states == {"down"} else "degraded", services)


def _check(stub: Any, name: str) -> Any:
    return stub.Check.future(health_pb2.HealthCheckRequest(service=name), timeout=DEADLINE_SECONDS)


def _serves(call: Any) -> bool:
    try:
        return bool(call.result().status == SERVING)
    except grpc.RpcError:
        return False  # not answering is the very state that is asked for


def _state(checks: Mapping[str, bool]) -> str:
    if not checks["database"]:
        return "down"
    return "ok" if checks["broker"] else "degraded"
