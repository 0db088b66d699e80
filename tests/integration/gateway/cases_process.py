"""An empty cases service: in the test's own process, or as a process that can be stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer

from wangge.cases.v1 import case_service_pb2


def serve(port: int) -> tuple[grpc.Server, int]:
    """A running server that lists no cases, and its port; 0 takes any."""
    server = grpc.server(ThreadPoolExecutor(4))
    handler = grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: case_service_pb2.ListCasesResponse(),
        request_deserializer=case_service_pb2.ListCasesRequest.FromString,
        response_serializer=case_service_pb2.ListCasesResponse.SerializeToString,
    )
    name = "wangge.cases.v1.CaseService"
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(name, {"ListCases": handler})]
    )
    health = HealthServicer()
    health.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


@contextmanager
def cases_process() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service as a child process, and its port; it is killed in the end, stopped or not."""
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", __name__], env=environ, stdout=subprocess.PIPE
    ) as child:
        try:
            assert child.stdout is not None
            yield child, int(child.stdout.readline())
        finally:
            child.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    running, at = serve(0)
    print(at, flush=True)
    running.wait_for_termination()
