"""``/metrics``, ``/healthz`` and ``/readyz`` of the gateway, for all of its workers together."""

import http.client
import threading
import time
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.config import Config
from shared import metrics
from shared.health import Check, Readiness

STARTING_SECONDS = 0.1


def serve(config: Config, folder: str) -> WSGIServer:
    """Serve in the background what the workers write into the folder. Raises OSError."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    readiness = Readiness(
        {"http": _answers(config.listen_host, config.http_port)}, critical=frozenset({"http"})
    )
    threading.Thread(target=_watch, args=(readiness,), name="first-answer", daemon=True).start()
    return metrics.serve(config.listen_host, config.metrics_port, readiness, registry)


def _watch(readiness: Readiness) -> None:
    """Check often until the workers are up, then at the usual interval."""
    readiness.refresh()
    while readiness.report()["status"] == "down":
        time.sleep(STARTING_SECONDS)
        readiness.refresh()
    readiness.start()


def _answers(host: str, port: int) -> Check:
    """A check that a worker answers."""

    def check() -> object:
        at = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
        connection = http.client.HTTPConnection(at, port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.OK:
            raise ConnectionError(f"/healthz answered {status}")
        return status

    return check
