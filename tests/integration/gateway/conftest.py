"""A gateway as its own process, in front of services whose behaviour a test decides."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import httpx
import orjson
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer
from joserfc.jwk import OKPKey

from gateway.config import SERVICES
from gateway.routes import ROUTES
from shared.errors import DomainError
from shared.rpc.errors import to_status
from shared.tokens import Signer
from tests.integration.gateway_process import Process, start_gateway
from tests.support.waiting import LIMIT_SECONDS

COUNTY = "371427"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@dataclass(slots=True)
class Received:
    """One call that reached a service."""

    method: str
    request: Any
    metadata: Mapping[str, str]


@dataclass(slots=True)
class Services:
    """All seven services behind one port: they answer what the test says, and remember calls."""

    answers: dict[str, Message | Exception | Callable[[Any], Message]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    health: HealthServicer = field(default_factory=HealthServicer)
    port: int = 0

    def answer(self, method: str, reply: Message | Exception | Callable[[Any], Message]) -> None:
        """From now on the method gives this answer, or raises this error."""
        self.answers[method] = reply

    def forget(self) -> None:
        """Back to empty answers, and nothing received."""
        self.answers.clear()
        self.received.clear()
        for name in ("", "broker"):
            self.health.set(name, SERVING)

    @property
    def last(self) -> Received:
        return self.received[-1]

    def handler(self, method: str, rpc: Any) -> grpc.RpcMethodHandler:
        def behave(request: Any, context: grpc.ServicerContext) -> Message:
            self.received.append(Received(method, request, dict(context.invocation_metadata())))
            reply = self.answers.get(method, rpc.response())
            if isinstance(reply, DomainError):
                context.abort_with_status(to_status(reply, f"{rpc.service}.wangge"))
            if isinstance(reply, Exception):
                raise reply
            return reply if isinstance(reply, Message) else reply(request)

        return grpc.unary_unary_rpc_method_handler(
            behave,
            request_deserializer=rpc.request.FromString,
            response_serializer=rpc.response.SerializeToString,
        )


@pytest.fixture(scope="session")
def _services() -> Iterator[Services]:
    services = Services()
    server = grpc.server(ThreadPoolExecutor(16))
    handlers: dict[str, dict[str, grpc.RpcMethodHandler]] = {}
    for rpc in {route.rpc for route in ROUTES}:
        _, service, method = rpc.path.split("/")
        handlers.setdefault(service, {})[method] = services.handler(method, rpc)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(name, table) for name, table in handlers.items()]
    )
    health_pb2_grpc.add_HealthServicer_to_server(services.health, server)
    services.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield services
    server.stop(0).wait()


@pytest.fixture
def services(_services: Services) -> Services:
    _services.forget()
    return _services


class Tokens:
    """Signs tokens with a key of the test's own."""

    def __init__(self) -> None:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": "test"}, private=True)
        self.jwks = orjson.dumps({"keys": [key.as_dict(private=False)]}).decode()
        self._signer = Signer(orjson.dumps(key.as_dict(private=True)).decode())

    def __call__(
        self,
        *capabilities: str,
        county_id: str = COUNTY,
        roles: tuple[str, ...] = (),
        person_id: UUID | None = None,
        age: timedelta = timedelta(0),
    ) -> dict[str, str]:
        """The Authorization header of somebody with these capabilities in the whole county."""
        token = self._signer.sign(
            county_id=county_id,
            person_id=person_id or uuid4(),
            account_id=uuid4(),
            roles=frozenset(roles),
            capabilities=dict.fromkeys(capabilities, ("g:",)),
            now=datetime.now(UTC) - age,
        )
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def signed_in() -> Tokens:
    return Tokens()


Start = Callable[..., Process]


@pytest.fixture(scope="session")
def start(
    _services: Services, signed_in: Tokens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Starts gateways; extra settings by name. All are ended with the session."""
    started: list[Process] = []

    def begin(**settings: str) -> Process:
        output = tmp_path_factory.mktemp("gateway") / "output"
        addresses = dict.fromkeys(SERVICES, f"127.0.0.1:{_services.port}")
        process = start_gateway(addresses, signed_in.jwks, settings, output)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.end()


@pytest.fixture(scope="session")
def gateway(start: Start) -> Process:
    return start()


@pytest.fixture
def http_client(gateway: Process) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=LIMIT_SECONDS) as client:
        yield client
