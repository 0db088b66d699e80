"""An empty RPC behind a gateway: a cases service whose answer is empty, and nothing looked up.

Everything else is the platform's own: the gateway's program, the guard that verifies the token,
the log line and the measurements. ``python -m deploy.bench.empty_rpc`` is the service's process.
"""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGKILL, SIGTERM
from typing import Final

import grpc

from deploy.bench.platform import Platform
from deploy.local.children import Child, spawn, tail
from deploy.local.ports import LOOPBACK, free_block
from deploy.local.problems import LocalStackError
from deploy.local.state import REPOSITORY
from deploy.local.supervisor import environment_of
from deploy.processes import PROCESSES
from shared import logging as json_log
from shared.rpc.process import Config, Mount, listen, make_server
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc

_ANSWER_SECONDS: Final = 30


class EmptyCases(pb_grpc.CaseServiceServicer):
    """Answers GetCase with an empty message."""

    def GetCase(  # noqa: N802 - named in the proto
        self,
        request: pb.GetCaseRequest,  # noqa: ARG002 - grpc hands every method both
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> pb.GetCaseResponse:
        """Return no case."""
        return pb.GetCaseResponse()


def serve() -> None:
    """Serve until the process is ended."""
    config = Config.from_env(os.environ, (), ())
    json_log.configure("cases-grpc", config.log_level)
    mount = Mount(
        add=pb_grpc.add_CaseServiceServicer_to_server,
        servicer=EmptyCases(),
        descriptor=pb.DESCRIPTOR.services_by_name["CaseService"],
    )
    server, _ = make_server("cases", config, [mount])
    listen(server, config)
    server.wait_for_termination()


@contextmanager
def gateway(platform: Platform) -> Iterator[str]:
    """The URL of a second gateway in front of the empty service, for the length of the block."""
    base = free_block(4, 31_000)
    ports = {
        **platform.ports(),
        "cases-grpc": {"GRPC_PORT": base, "METRICS_PORT": base + 1},
        "gateway": {"HTTP_PORT": base + 2, "METRICS_PORT": base + 3},
    }
    children = []
    try:
        for name, module in (("cases-grpc", "deploy.bench.empty_rpc"), ("gateway", "gateway")):
            children.append(_spawn(platform, name, module, ports))
        url = f"http://{LOOPBACK}:{base + 2}"
        _wait_until_it_answers(url, children, platform)
        yield url
    finally:
        for child in reversed(children):
            child.stop(SIGTERM, 20, SIGKILL)


def _spawn(platform: Platform, name: str, module: str, ports: dict[str, dict[str, int]]) -> Child:
    process = next(each for each in PROCESSES if each.name == name)
    own = environment_of(process, ports, platform.state.secrets, platform.environ)
    inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return spawn(
        [platform.python, "-m", module],
        log=platform.state.logs / f"empty-{name}.log",
        environment={**inherited, **own},
        directory=REPOSITORY,
    )


def _wait_until_it_answers(url: str, children: list[Child], platform: Platform) -> None:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline and all(child.is_alive() for child in children):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 - our own
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    logs = "\n".join(tail(path) for path in platform.state.logs.glob("empty-*.log"))
    raise LocalStackError(f"The gateway before the empty service did not start:\n{logs}")


if __name__ == "__main__":
    serve()
