import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from services.disclosure.serve_grpc import build
from tests.integration.disclosure.office import (
    DOCUMENT,
    SIBLING,
    VILLAGE,
    CasesServer,
    Office,
    serving_cases,
)
from tests.integration.service_fixtures import Databases, RpcServers, Tokens


@pytest.fixture
def cases() -> Iterator[CasesServer]:
    with serving_cases() as servicer:
        yield servicer


@pytest.fixture
def open_office(
    rpc: RpcServers, databases: Databases, cases: CasesServer, token: Tokens, structure: Callable
) -> Callable[..., Office]:
    """Make counties: ``open_office(document)``."""
    channel = rpc("disclosure", build, peers={"cases": cases.address})

    def make(document: dict[str, Any] = DOCUMENT) -> Office:
        county_id = f"t{uuid4().hex[:8]}"
        structure("disclosure", county_id, document, [VILLAGE, SIBLING])
        return Office(channel, databases, cases, token, county_id)

    return make


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()


@pytest.fixture
def unused_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"
