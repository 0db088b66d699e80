"""The gateway's process: Granian with its workers, and one port that measures them all."""

import multiprocessing
import os
import resource
import sys
import tempfile

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

KILL_SECONDS = 20
BACKLOG = 1024
OTHER_FILES = 256
"""Files that a worker opens besides its connections."""
GRANIAN_LOGGING = {
    "loggers": {
        "_granian": {"handlers": [], "propagate": True},
        "granian.access": {"handlers": [], "propagate": True},
    }
}
"""Granian's own records go to the same handlers as all others."""


def main() -> None:
    """Serve until SIGTERM or SIGINT. Exits with 1 and one message where it cannot start."""
    with tempfile.TemporaryDirectory(prefix="wangge-gateway-") as folder:
        # Workers write their measurements here; read by the client library when first imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _serve(folder)


def _serve(folder: str) -> None:
    # Imported late: prometheus_client looks for the folder when it is first imported.
    from gateway.config import Config  # noqa: PLC0415
    from gateway.measurements import serve  # noqa: PLC0415
    from shared import logging as json_log  # noqa: PLC0415
    from shared.config import ConfigError  # noqa: PLC0415

    try:
        config = Config.from_env(os.environ)
    except ConfigError as error:
        sys.exit(f"gateway {error}")
    json_log.configure("gateway", config.log_level)
    # A forked child of a process with threads may hang; grpc forbids it outright.
    multiprocessing.set_start_method("spawn")
    _allow_files(config.connections)
    measurements = serve(config, folder)
    server = Granian(
        "gateway.app:app_from_env",
        factory=True,
        interface=Interfaces.ASGINL,
        address=config.listen_host,
        port=config.http_port,
        workers=config.workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * config.header_seconds),
        backlog=BACKLOG,
        backpressure=config.connections,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        log_dictconfig=GRANIAN_LOGGING,
    )
    try:
        server.serve()
    finally:
        measurements.shutdown()


def _allow_files(connections: int) -> None:
    """Raise the limit of open files, which workers inherit, as far as the connections need it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main()
