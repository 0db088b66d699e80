"""Patrols of grids imported a second ago, with the real grid service beside, and no events."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from sqlalchemy import text

from services.grid.serve_grpc import build as build_grid
from services.patrols.serve_grpc import build
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer, grid_row
from tests.support.refusals import code_of
from wangge.grid.v1 import counties_pb2, divisions_pb2, tree_pb2
from wangge.grid.v1 import tree_service_pb2_grpc as grid_grpc
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc

TOWNSHIP, OTHER_TOWNSHIP = "430223126", "430223102"
NOBODY_LISTENS = "127.0.0.1:1"
CATEGORY = {"id": "straw_burning", "name": "秸秆焚烧"}


class Both:
    """The two services, each on its own database, behind the guard."""

    def __init__(self, rpc: RpcServers, token: Tokens) -> None:
        address = rpc.serve("grid", build_grid)
        self.token = token
        self.channel = grpc.insecure_channel(address)
        self.grid = grid_grpc.GridServiceStub(self.channel)
        self.patrols = pb_grpc.PatrolServiceStub(rpc("patrols", build, peers={"grid": address}))

    def county(self, county_id: str) -> Any:
        """Create the county and import two townships; returns their grids."""
        operator = bearer(self.token(county_id="city", roles=["city_operator"]))
        request = counties_pb2.CreateCountyRequest(
            county_id=county_id, name="测试县", admin_code="430223", template_id="S01",
            settings_json='{"categories": [{"id": "straw_burning", "name": "秸秆焚烧"}]}',
        )  # fmt: skip
        self.grid.CreateCounty(request, metadata=operator)
        return self.imported(county_id, TOWNSHIP), self.imported(county_id, OTHER_TOWNSHIP)

    def imported(self, county_id: str, code: str) -> Any:
        admin = bearer(
            self.token(county_id=county_id, capabilities={"configure": ["g:"], "read": ["g:"]})
        )
        asked = divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=[code])
        self.grid.ImportDivisions(asked, metadata=admin)
        wanted = tree_pb2.ListGridsRequest(county_id=county_id, admin_code=code)
        [grid] = self.grid.ListGrids(wanted, metadata=admin).grids
        return grid

    def patroller(self, county_id: str, path: str) -> Any:
        scopes = {"patrol": [f"g:{path}"], "read": [f"g:{path}"]}
        return bearer(self.token(county_id=county_id, capabilities=scopes))


@pytest.fixture
def both(rpc: RpcServers, token: Tokens) -> Any:
    services = Both(rpc, token)
    yield services
    services.channel.close()


def submission(county_id: str, grid_id: str) -> pb.SubmitPatrolRequest:
    now = datetime.now(UTC)
    return pb.SubmitPatrolRequest(
        county_id=county_id,
        client_id=str(uuid4()),
        request_id=str(uuid4()),
        grid_id=grid_id,
        start_time=now - timedelta(hours=1),
        end_time=now - timedelta(minutes=5),
        findings=[
            {"category": "straw_burning", "description": "焚烧", "found_time": now - timedelta(minutes=9)}
        ],
        signature={"sign_time": now},
    )  # fmt: skip


def known(databases: Databases, county_id: str) -> dict[str, int]:
    tables = ("structure_counties", "structure_schemes", "structure_grids", "patrols")
    with databases.admin_engine("patrols").connect() as connection:
        return {
            table: connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE county_id = :c"), {"c": county_id}
            ).scalar_one()
            for table in tables
        }


def test_a_grid_imported_a_second_ago_is_patrolled_and_kept(
    both: Both, county_id: str, databases: Databases
) -> None:
    township, other = both.county(county_id)
    me = both.patroller(county_id, township.path)
    request = submission(county_id, township.grid_id)

    made = both.patrols.SubmitPatrol(request, metadata=me).patrol
    again = both.patrols.SubmitPatrol(request, metadata=me).patrol

    assert (made.grid_path, made.ledger_number) == (township.path, 1)
    assert again == made
    assert known(databases, county_id) == {
        "structure_counties": 1,
        "structure_schemes": 1,
        "structure_grids": 1,
        "patrols": 1,
    }
    second = submission(county_id, other.grid_id)
    elsewhere = both.patroller(county_id, other.path)
    assert both.patrols.SubmitPatrol(second, metadata=elsewhere).patrol.grid_path == other.path
    assert known(databases, county_id)["structure_schemes"] == 1


def test_a_list_by_a_grid_imported_a_second_ago_is_empty(both: Both, county_id: str) -> None:
    township, _ = both.county(county_id)
    request = pb.ListPatrolsRequest(county_id=county_id, grid_id=township.grid_id)

    answer = both.patrols.ListPatrols(request, metadata=both.patroller(county_id, township.path))

    assert list(answer.patrols) == []


def test_what_grid_refuses_is_refused_here_and_nothing_is_kept(
    both: Both, county_id: str, databases: Databases
) -> None:
    township, other = both.county(county_id)
    me = both.patroller(county_id, township.path)
    nothing = dict.fromkeys(known(databases, county_id), 0)

    outside = submission(county_id, other.grid_id)
    assert code_of(lambda: both.patrols.SubmitPatrol(outside, metadata=me)) == (
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    )
    missing = submission(county_id, str(uuid4()))
    assert code_of(lambda: both.patrols.SubmitPatrol(missing, metadata=me)) == (
        "NOT_FOUND",
        "GRID_NOT_FOUND",
    )
    assert known(databases, county_id) == nothing


def test_a_grid_of_another_county_stays_unknown(both: Both, county_id: str) -> None:
    township, _ = both.county(county_id)
    both.county(f"{county_id}-twin")
    stranger = both.patroller(f"{county_id}-twin", "")
    request = submission(f"{county_id}-twin", township.grid_id)

    assert code_of(lambda: both.patrols.SubmitPatrol(request, metadata=stranger)) == (
        "NOT_FOUND",
        "GRID_NOT_FOUND",
    )


def test_the_events_that_come_later_change_nothing_and_newer_ones_do(
    both: Both, county_id: str, structure: Callable
) -> None:
    township, _ = both.county(county_id)
    me = both.patroller(county_id, township.path)
    both.patrols.SubmitPatrol(submission(county_id, township.grid_id), metadata=me)
    moved = grid_row("77.", grid_id=township.grid_id, version=2)

    structure("patrols", county_id, {"categories": [CATEGORY], "levels": []}, [
        grid_row("99.", grid_id=township.grid_id, version=1)])  # fmt: skip
    request = submission(county_id, township.grid_id)
    assert both.patrols.SubmitPatrol(request, metadata=me).patrol.grid_path == township.path
    structure("patrols", county_id, {"categories": [CATEGORY], "levels": []}, [moved])
    request = submission(county_id, township.grid_id)
    there = both.patroller(county_id, "77.")
    assert both.patrols.SubmitPatrol(request, metadata=there).patrol.grid_path == "77."


def test_what_the_copy_knows_is_answered_without_grid_and_what_it_lacks_waits_for_it(
    rpc: RpcServers, token: Tokens, county_id: str, structure: Callable
) -> None:
    village = grid_row("1.2.")
    structure("patrols", county_id, {"categories": [CATEGORY], "levels": []}, [village])
    stub = pb_grpc.PatrolServiceStub(rpc("patrols", build, peers={"grid": NOBODY_LISTENS}))
    me = bearer(token(county_id=county_id, capabilities={"patrol": ["g:"], "read": ["g:"]}))

    request = submission(county_id, str(village["grid_id"]))
    assert stub.SubmitPatrol(request, metadata=me).patrol.ledger_number == 1
    unknown = submission(county_id, str(uuid4()))
    assert code_of(lambda: stub.SubmitPatrol(unknown, metadata=me)) == (
        "UNAVAILABLE",
        "PEER_UNAVAILABLE",
    )
