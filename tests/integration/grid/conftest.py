"""The grid service served for real, and counties made through it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from sqlalchemy import Connection, text

from services.grid.serve_grpc import build
from services.grid.store import make_transaction
from services.grid.tree.store.grids import GridStore
from shared.context import RequestContext
from shared.rpc.errors import Problem
from tests.integration.service_fixtures import (
    Databases,
    RpcServers,
    Tokens,
    bearer,
    stubs_of,
)
from tests.support.refusals import refusal
from tests.support.waiting import LIMIT_SECONDS
from wangge.grid.v1 import counties_pb2, divisions_pb2, geometry_pb2, tree_pb2
from wangge.grid.v1 import geometry_service_pb2_grpc as place_grpc
from wangge.table.v1 import table_pb2


def request_of(method: str, **members: Any) -> Any:
    """The request of a method, whichever proto file states it."""
    name = f"wangge.grid.v1.{method}Request"
    return GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))(**members)


def store_of(connection: Connection, county_id: str) -> GridStore:
    """The grids of a county, over a connection that a test opened itself."""
    return make_transaction(connection, RequestContext(county_id, str(uuid4()))).store(GridStore)


class Grids:
    """The service's RPCs, each called as somebody."""

    def __init__(self, channel: grpc.Channel, token: Tokens, databases: Databases) -> None:
        self._stubs = [stub(channel) for stub in stubs_of("grid")]
        self._token = token
        self._databases = databases

    def city(self, *roles: str, person_id: UUID | None = None) -> list[tuple[str, str]]:
        token = self._token(county_id="city", roles=roles, person_id=person_id)
        return bearer(token)

    def person(self, county_id: str, **capabilities: Sequence[str]) -> list[tuple[str, str]]:
        return bearer(self._token(county_id=county_id, capabilities=capabilities))

    def operator(self) -> list[tuple[str, str]]:
        return self.city("city_operator")

    def call(self, who: list[tuple[str, str]], request: Any) -> Any:
        """Call the method that the request belongs to."""
        method = type(request).__name__.removesuffix("Request")
        stub = next(stub for stub in self._stubs if hasattr(stub, method))
        return getattr(stub, method)(request, metadata=who, timeout=LIMIT_SECONDS)

    def refusal(self, who: list[tuple[str, str]], request: Any) -> Problem:
        """The problem with which the call fails; it must fail."""
        return refusal(self.call, who, request)

    def create(
        self,
        county_id: str,
        *,
        admin_code: str = "430223",
        template_id: str = "S06",
        name: str = "测试县",
        settings: Mapping[str, Any] | None = None,
        **given: str,
    ) -> counties_pb2.CreateCountyResponse:
        request = counties_pb2.CreateCountyRequest(
            county_id=county_id,
            request_id=given.pop("request_id", str(uuid4())),
            name=name,
            admin_code=admin_code,
            template_id=template_id,
            settings_json=orjson.dumps(settings or {}).decode(),
            **given,
        )
        return self.call(self.operator(), request)

    def bring(self, county_id: str, *codes: str, **given: Any) -> Any:
        """Import divisions as one who configures the county."""
        request = divisions_pb2.ImportDivisionsRequest(
            county_id=county_id, request_id=str(uuid4()), codes=codes, **given
        )
        return self.call(self.person(county_id, configure=["g:"]), request)

    def all(self, county_id: str, **filters: Any) -> list[Any]:
        """Every grid that the filters leave, over as many pages as it takes."""
        who = filters.pop("who", None) or self.person(county_id, read=["g:"])
        grids: list[Any] = []
        token = ""
        while True:
            request = tree_pb2.ListGridsRequest(county_id=county_id, page_token=token, **filters)
            reply = self.call(who, request)
            grids += reply.grids
            token = reply.next_page_token
            if not token:
                return grids

    def events(self, county_id: str) -> list[dict[str, Any]]:
        """What the county's outbox holds, in order."""
        query = text("SELECT body FROM outbox WHERE county_id = :c ORDER BY event_id")
        with self._databases.admin_engine("grid").connect() as connection:
            return [orjson.loads(row.body) for row in connection.execute(query, {"c": county_id})]


@pytest.fixture
def channel(rpc: RpcServers) -> grpc.Channel:
    return rpc("grid", build)


@pytest.fixture
def grids(channel: grpc.Channel, token: Tokens, databases: Databases) -> Grids:
    return Grids(channel, token, databases)


@pytest.fixture
def two_counties(grids: Grids, county_id: str) -> Callable[[], tuple[str, str]]:
    """Two counties with the same name, the same code and grids of the same divisions."""

    def make() -> tuple[str, str]:
        pair = county_id, f"{county_id}-b"
        for each in pair:
            grids.create(each, name="同名县")
            grids.bring(each, "430223126")
        return pair

    return make


class Places(Grids):
    """The RPCs of places, beside counties and grids made for them."""

    def __init__(self, channel: grpc.Channel, token: Tokens, databases: Databases) -> None:
        super().__init__(channel, token, databases)
        self.grids = Grids(channel, token, databases)
        self._stub = place_grpc.PlaceServiceStub(channel)

    def bound(self, county_id: str, grid_id: str, geometry: Any, **given: Any) -> Any:
        """Record a boundary as one who configures the county."""
        request = geometry_pb2.SetBoundaryRequest(
            county_id=county_id,
            request_id=given.pop("request_id", str(uuid4())),
            grid_id=grid_id,
            geometry_json=orjson.dumps(geometry).decode(),
            **given,
        )
        return self.call(self.person(county_id, configure=["g:"]), request).boundary

    def located(self, county_id: str, **where: Any) -> Any:
        """What lies somewhere, as one with any post in the county."""
        request = geometry_pb2.LocateGridsRequest(county_id=county_id, **where)
        return self.call(self.person(county_id, patrol=["d:none"]), request)

    def bring_rows(
        self, county_id: str, rows: Sequence[Mapping[str, str]], **given: Any
    ) -> table_pb2.Outcome:
        """Import rows of a file as one who configures the county; the first is row 2."""
        request = geometry_pb2.ImportGridsRequest(
            county_id=county_id,
            request_id=str(uuid4()),
            rows=[
                table_pb2.Row(number=number, cells=cells)
                for number, cells in enumerate(rows, start=2)
            ],
            **given,
        )
        return self.call(self.person(county_id, configure=["g:"]), request).outcome


@pytest.fixture
def places(rpc: RpcServers, token: Tokens, databases: Databases) -> Places:
    return Places(rpc("grid", build), token, databases)
