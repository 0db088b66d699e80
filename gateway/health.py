"""Whether the services behind the gateway can work, asked by grpc.health.v1."""

import asyncio
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
"""The name under which a service's health shows each thing that it depends on."""


@dataclass(frozen=True, slots=True)
class Report:
    """The state of the whole platform as the gateway sees it."""

    status: str
    services: Mapping[str, str]

    @property
    def http_status(self) -> int:
        """503 where every service is down, 200 otherwise."""
        return 503 if self.status == "down" else 200


class PlatformHealth:
    """Asks all services at once, and keeps the result for a second."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self._stubs = {name: health_pb2_grpc.HealthStub(each) for name, each in channels.items()}
        self._lock = asyncio.Lock()
        self._report = Report("down", {})
        self._asked_at = -FRESH_SECONDS

    async def report(self) -> Report:
        """The state of the platform, asked anew when the last answer is ``FRESH_SECONDS`` old."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= FRESH_SECONDS:
                self._report = await self._ask()
                self._asked_at = time.monotonic()
            return self._report

    async def _ask(self) -> Report:
        asked = [(service, check) for service in self._stubs for check in CHECKS]
        answers = await asyncio.gather(
            *(_serves(self._stubs[service], CHECKS[check]) for service, check in asked)
        )
        serves = dict(zip(asked, answers, strict=True))
        services = {
            service: _state({check: serves[service, check] for check in CHECKS})
            for service in self._stubs
        }
        states = set(services.values())
        if states == {"ok"}:
            return Report("ok", services)
        return Report("down" if states == {"down"} else "degraded", services)


async def _serves(stub: Any, name: str) -> bool:
    request = health_pb2.HealthCheckRequest(service=name)
    try:
        answer = await stub.Check(request, timeout=DEADLINE_SECONDS)
    except grpc.RpcError:
        return False  # a service that does not answer is not serving
    return bool(answer.status == SERVING)


def _state(checks: Mapping[str, bool]) -> str:
    if not checks["database"]:
        return "down"
    return "ok" if checks["broker"] else "degraded"
