"""Channels to other services: their options, retries and TLS."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import orjson

from shared.rpc import call

DEFAULT_DEADLINE_SECONDS = 10.0
MESSAGE_BYTES = 32 * 1024 * 1024
"""The largest message: a file of rows, or a page of long documents."""
METADATA_BYTES = 48 * 1024
"""The largest metadata accepted from a peer; an error with all its fields travels in it."""

RETRY_UNAVAILABLE = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.service_config", orjson.dumps(RETRY_UNAVAILABLE).decode()),
    ("grpc.enable_retries", 1),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES),
]


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM contents for TLS between processes."""

    ca: bytes
    certificate: bytes | None = None
    key: bytes | None = None


def channel(address: str, tls: Tls | None = None) -> grpc.Channel:
    """A channel to ``host:port``. Writes carry a request id, so a retry has no second effect."""
    if tls is None:
        return grpc.insecure_channel(address, _OPTIONS)
    return grpc.secure_channel(address, _credentials(tls), _OPTIONS)


def aio_channel(address: str, tls: Tls | None = None) -> grpc.aio.Channel:
    """A channel for callers on an event loop, which must be set already."""
    if tls is None:
        return grpc.aio.insecure_channel(address, _OPTIONS)
    return grpc.aio.secure_channel(address, _credentials(tls), _OPTIONS)


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)


def peer_channel(address: str, tls: Tls | None = None) -> grpc.Channel:
    """A channel for calls made while answering one: its caller, ids and deadline go along."""
    return grpc.intercept_channel(channel(address, tls), _ForwardCall())


_Details = namedtuple(  # noqa: PYI024 - grpc wants these very attributes
    "_Details", "method timeout metadata credentials wait_for_ready compression"
)


class _ForwardCall(grpc.UnaryUnaryClientInterceptor):
    def intercept_unary_unary(
        self,
        continuation: Callable[[Any, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Any,
    ) -> Any:
        context = call.current()
        metadata = [("x-correlation-id", context.correlation_id)]
        if context.token:
            metadata.append(("authorization", f"Bearer {context.token}"))
        if context.traceparent:
            metadata.append(("traceparent", context.traceparent))
        details = _Details(
            client_call_details.method,
            call.seconds_left(client_call_details.timeout or DEFAULT_DEADLINE_SECONDS),
            metadata,
            client_call_details.credentials,
            None,
            None,
        )
        return continuation(details, request)
