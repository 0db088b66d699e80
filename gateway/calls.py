"""Calls to the services: so many to each at once, and none to one that does not answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.errors import NotAnswering, Overloaded
from gateway.routing import Rpc

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 128
FAILURES_IN_A_ROW = 5
"""Calls without an answer after which a service is left alone until it shows life."""
PROBE_SECONDS = 1.0
PAUSE_SECONDS = 0.5
NO_ANSWER = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})

Call = Callable[..., Awaitable[Message]]


class Service:
    """One service as the gateway calls it."""

    def __init__(self, name: str, channel: grpc.aio.Channel, at_once: int = CALLS_AT_ONCE) -> None:
        self.name = name
        self.channel = channel
        self._places = at_once
        self._failures = 0
        self._probing: asyncio.Task[None] | None = None

    def method(self, rpc: Rpc) -> Call:
        """An RPC as a function of its request, a timeout and metadata.

        It raises Overloaded and NotAnswering without having called, AioRpcError for a refusal.
        """
        channel: Any = self.channel  # its types lack what generated stubs pass
        invoke = channel.unary_unary(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
            _registered_method=True,
        )

        async def call(request: Message, *, timeout: float, metadata: Any) -> Message:  # noqa: ASYNC109 - grpc's own
            if self._probing:
                raise NotAnswering(service=self.name, retry_after=1)
            if not self._places:
                raise Overloaded(retry_after=1)
            self._places -= 1
            try:
                response: Message = await invoke(request, timeout=timeout, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                self._note(error)
                raise
            finally:
                self._places += 1
            self._failures = 0
            return response

        return call

    def _note(self, error: grpc.aio.AioRpcError) -> None:
        """Count calls without an answer; a refusal is an answer."""
        if error.code() not in NO_ANSWER or error.trailing_metadata():
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW and not self._probing:
            log.warning("%s does not answer: it is left alone until it does", self.name)
            self._probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        """Wait for any answer of the service."""
        health: Any = health_pb2_grpc.HealthStub(self.channel)  # without types of its own
        while True:
            try:
                await health.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_SECONDS)
                break
            except grpc.aio.AioRpcError as error:
                if error.code() not in NO_ANSWER:
                    break
            await asyncio.sleep(PAUSE_SECONDS)
        log.warning("%s answers again", self.name)
        self._failures = 0
        self._probing = None


def services_of(
    channels: Mapping[str, grpc.aio.Channel], at_once: int = CALLS_AT_ONCE
) -> dict[str, Service]:
    """A service for each channel."""
    return {name: Service(name, channel, at_once) for name, channel in channels.items()}
