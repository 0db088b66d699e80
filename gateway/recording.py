"""The record of every request, and the headers that every answer carries."""

import re
import time
from functools import lru_cache
from typing import Any

import falcon
import falcon.asgi

from gateway.access_log import AccessLog
from gateway.exchange import Exchange, exchange_of
from shared.metrics import HTTP_SECONDS

SECURITY_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
)


class Recorder:
    """Measures finished requests and writes their log lines."""

    def __init__(self, access_log: AccessLog | None = None) -> None:
        """Without an access log requests are only measured."""
        self._log = access_log
        self._series: dict[tuple[str, str, int], Any] = {}

    def record(self, exchange: Exchange, status: int) -> None:
        """Record a finished request: never a payload, never the query."""
        seconds = time.perf_counter() - exchange.started
        method = exchange.method
        key = (exchange.route, method if method in falcon.HTTP_METHODS else "OTHER", status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = HTTP_SECONDS.labels(*map(str, key))
        series.observe(seconds)
        if self._log:
            line = exchange.labels() | {"status": status, "seconds": round(seconds, 6)}
            self._log.write(exchange.started_at, line)


class Middleware:
    """Notes the route of each request, adds the common headers and records the request."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def process_resource(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: object, params: object
    ) -> None:
        """Note the route after routing, where the address exists."""
        exchange_of(req).route = plain(req.uri_template or "")

    async def process_response(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: object,
        req_succeeded: bool,
    ) -> None:
        """Add the common headers and record the request, errors included."""
        exchange = exchange_of(req)
        present = resp.headers
        resp.set_headers([pair for pair in answer_headers(exchange) if pair[0] not in present])
        self._recorder.record(exchange, resp.status_code)


def answer_headers(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """Headers of every answer. An answer before the body has come closes the connection."""
    return (
        *SECURITY_HEADERS,
        ("x-request-id", exchange.correlation_id),
        ("x-correlation-id", exchange.correlation_id),
        *((("connection", "close"),) if exchange.has_unread_body else ()),
    )


def encoded_answer_headers(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    """The headers of every answer in the form of ASGI."""
    return [(name.encode(), value.encode()) for name, value in answer_headers(exchange)]


@lru_cache(maxsize=1024)
def plain(template: str) -> str:
    """A router's template as the route states it, without converters."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", template)
