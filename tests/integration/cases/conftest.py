"""A served county, and what its outbox holds."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from services.cases.serve_grpc import build
from services.cases.store import make_transaction
from shared.db.transaction import UnitOfWork
from tests.integration.cases.county import DOCUMENT, GRIDS, County, MakeCounty, Outbox, Person
from tests.integration.service_fixtures import Databases, RpcServers, Tokens
from wangge.cases.v1 import case_service_pb2_grpc


@pytest.fixture
def make_county(
    databases: Databases, rpc: RpcServers, token: Tokens, structure: Callable[..., None]
) -> MakeCounty:
    """Found a county: two of one test differ in nothing but their ids."""
    stub = case_service_pb2_grpc.CaseServiceStub(rpc("cases", build))
    unit_of_work = UnitOfWork(databases.engine("cases"), make_transaction)

    def person(county_id: str, capabilities: dict[str, Sequence[str]]) -> Person:
        me = uuid4()
        signed = token(county_id=county_id, person_id=me, capabilities=capabilities)
        return Person(stub, signed, county_id, me)

    def make(county_id: str, document: dict[str, Any] = DOCUMENT) -> County:
        structure("cases", county_id, document, GRIDS)
        return County(county_id, unit_of_work, person)

    return make


@pytest.fixture
def county(make_county: MakeCounty, county_id: str) -> County:
    return make_county(county_id)


@pytest.fixture
def outbox(databases: Databases) -> Outbox:
    """What a county's outbox holds, oldest first: ``outbox(county_id) -> [(key, data)]``."""

    def read(county_id: str) -> list[tuple[str, dict[str, Any]]]:
        with databases.admin_engine("cases").connect() as connection:
            rows = connection.execute(
                text("SELECT key, body FROM outbox WHERE county_id = :c ORDER BY event_id"),
                {"c": county_id},
            )
            return [(row.key, orjson.loads(row.body)["data"]) for row in rows]

    return read
