"""The grid service, served for real, and what its tests ask of it again and again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import orjson
import pytest
from sqlalchemy import text

from services.grid.serve_grpc import build
from shared.rpc.errors import Problem, problem_of
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer
from wangge.grid.v1 import grid_pb2, grid_service_pb2_grpc
from wangge.grid.v1 import grid_service_pb2 as pb

YOU_COUNTY, YOU_TOWN, OTHER_YOU_TOWN = "430223", "430223126", "430223102"
LAIYUAN, LAIYUAN_TOWN = "130630", "130630104"
CHALING = "430224"


@dataclass
class GridService:
    """The service as its callers see it."""

    channel: grpc.Channel
    tokens: Tokens
    databases: Databases
    calls: Any = field(init=False)

    def __post_init__(self) -> None:
        self.calls = grid_service_pb2_grpc.GridServiceStub(self.channel)

    def city(self, role: str = "city_operator") -> Any:
        return bearer(self.tokens(county_id="city", roles=[role]))

    def caller(self, county_id: str, **capabilities: Any) -> Any:
        return bearer(self.tokens(county_id=county_id, capabilities=capabilities))

    def admin(self, county_id: str) -> Any:
        return self.caller(county_id, configure=["g:"], read=["g:"])

    def create(
        self, county_id: str, *, settings: object = None, metadata: Any = None, **fields: Any
    ) -> pb.CreateCountyResponse:
        """Create a county: 攸县 on S01 unless given."""
        given = {"name": "测试县", "admin_code": YOU_COUNTY, "template_id": "S01", **fields}
        if settings is not None:
            given["settings_json"] = orjson.dumps(settings).decode()
        return self.calls.CreateCounty(
            pb.CreateCountyRequest(county_id=county_id, **given), metadata=metadata or self.city()
        )

    def take(self, county_id: str, *codes: str, **fields: Any) -> pb.ImportDivisionsResponse:
        """Import divisions as the county's administrator."""
        request = pb.ImportDivisionsRequest(county_id=county_id, codes=codes, **fields)
        return self.calls.ImportDivisions(request, metadata=self.admin(county_id))

    def grids(self, county_id: str, metadata: Any = None, **filters: Any) -> list[grid_pb2.Grid]:
        """All grids that the filters leave, page by page."""
        found: list[grid_pb2.Grid] = []
        while True:
            request = pb.ListGridsRequest(county_id=county_id, page_size=200, **filters)
            page = self.calls.ListGrids(request, metadata=metadata or self.admin(county_id))
            found += page.grids
            if not page.next_page_token:
                return found
            filters["page_token"] = page.next_page_token

    def events(self, county_id: str, key: str = "") -> list[dict]:
        """What the outbox holds for the county, oldest first."""
        with self.databases.admin_engine("grid").connect() as connection:
            rows = connection.execute(
                text("SELECT body FROM outbox WHERE county_id = :c ORDER BY event_id"),
                {"c": county_id},
            )
            bodies = [orjson.loads(row.body) for row in rows]
        return [body for body in bodies if body["type"].endswith(key)]

    def rows(self, county_id: str) -> dict[str, int]:
        """How many rows each table holds for the county."""
        tables = ("counties", "scheme_versions", "grids", "outbox", "idempotency_keys")
        listed = "SELECT count(*) FROM county_directory WHERE listed_id = :c"
        with self.databases.admin_engine("grid").connect() as connection:
            counts = {
                table: connection.execute(
                    text(f"SELECT count(*) FROM {table} WHERE county_id = :c"),
                    {"c": county_id},
                ).scalar_one()
                for table in tables
            }
            return {**counts, "county_directory": connection.execute(
                text(listed), {"c": county_id}).scalar_one()}  # fmt: skip


def refusal(call: Callable[[], object]) -> Problem:
    """The problem that a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return problem_of(caught.value)


def reason(call: Callable[[], object]) -> tuple[str, str]:
    problem = refusal(call)
    return problem.status.name, problem.reason


def pointers(call: Callable[[], object]) -> list[str]:
    return [violation.pointer for violation in refusal(call).violations]


@pytest.fixture
def grid(rpc: RpcServers, token: Tokens, databases: Databases) -> GridService:
    return GridService(rpc("grid", build), token, databases)


@pytest.fixture
def county(grid: GridService, county_id: str) -> str:
    """攸县 on S01: townships and villages."""
    grid.create(county_id)
    return county_id
