"""What every process measures, and the small HTTP server that shows it."""

import socketserver
import threading
from collections.abc import Callable, Iterable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app

from shared.health import Readiness

RPC_HANDLED = Counter(
    "wangge_rpc_server_handled_total", "RPCs answered.", ["service", "method", "code"]
)
RPC_SECONDS = Histogram(
    "wangge_rpc_server_handling_seconds", "Time to answer an RPC.", ["service", "method"]
)
HTTP_SECONDS = Histogram(
    "wangge_http_request_duration_seconds",
    "Time to answer a request, by route template.",
    ["route", "method", "status"],
)
EVENTS_HANDLED = Counter(
    "wangge_events_handled_total",
    "Events handled, by result: done, duplicate, retried or dead.",
    ["event", "result"],
)
EVENT_LATENCY = Histogram(
    "wangge_event_latency_seconds", "From the fact to the end of its handling.", ["event"]
)
OUTBOX_PENDING = Gauge("wangge_outbox_pending", "Events that wait to be published.")
OUTBOX_OLDEST_PENDING_SECONDS = Gauge(
    "wangge_outbox_oldest_pending_seconds", "Age of the oldest event that waits, 0 without one."
)
DLQ_MESSAGES = Gauge("wangge_dlq_messages", "Events in the service's dead letters.")

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Write nothing: probes come every few seconds."""


def application(
    readiness: Readiness, registry: CollectorRegistry = REGISTRY
) -> Callable[..., Iterable[bytes]]:
    """The WSGI application behind ``/metrics``, ``/healthz`` and ``/readyz``."""
    show_metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return show_metrics(environ, start_response)  # type: ignore[no-any-return]
        if path == "/healthz":
            return _json(start_response, "200 OK", {"status": "ok"})
        if path == "/readyz":
            report = readiness.report()
            line = "503 Service Unavailable" if report["status"] == "down" else "200 OK"
            return _json(start_response, line, report)
        return _json(
            start_response, "404 Not Found", {"paths": ["/metrics", "/healthz", "/readyz"]}
        )

    return answer


def serve(
    host: str, port: int, readiness: Readiness, registry: CollectorRegistry = REGISTRY
) -> WSGIServer:
    """Serve metrics and health in a background thread; ``shutdown()`` of the result ends it.

    Raises OSError where the port is taken.
    """
    server = make_server(
        host,
        port,
        application(readiness, registry),
        server_class=_Server,
        handler_class=_QuietHandler,
    )
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _json(start_response: StartResponse, line: str, document: object) -> Iterable[bytes]:
    start_response(line, [("Content-Type", "application/json")])
    return [orjson.dumps(document)]
