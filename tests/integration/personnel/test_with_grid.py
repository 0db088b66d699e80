"""A county staffed minutes after its creation, with the real grid service beside, and no events."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from services.grid.serve_grpc import build as build_grid
from services.personnel.serve_grpc import build
from tests.integration.personnel.conftest import (
    OWN_PASSWORD,
    PASSWORD,
    GridServer,
    Personnel,
    settings_of,
)
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer
from wangge.grid.v1 import counties_pb2, divisions_pb2, tree_pb2
from wangge.grid.v1 import tree_service_pb2_grpc as grid_grpc
from wangge.personnel.v1 import people_service_pb2 as pb

TOWNSHIP = "430223126"


@pytest.fixture
def both(rpc: RpcServers, token: Tokens, databases: Databases) -> Iterator[tuple[Personnel, Any]]:
    """Both services, each on its own database, behind the guard."""
    address = rpc.serve("grid", build_grid)
    settings = settings_of(token)
    at = rpc.serve("personnel", build, peers={"grid": address}, settings=settings)
    personnel = Personnel(rpc.channel(at), at, token, GridServer(), databases)
    with grpc.insecure_channel(address) as grid:
        yield personnel, grid_grpc.GridServiceStub(grid)


def test_a_county_is_created_imported_staffed_and_asked_for_at_once(
    both: tuple[Personnel, Any], county_id: str
) -> None:
    personnel, grid = both
    operator = personnel.operator()
    grid.CreateCounty(
        counties_pb2.CreateCountyRequest(
            county_id=county_id, name="测试县", admin_code="430223", template_id="S01"
        ),
        metadata=operator,
    )
    personnel.calls.CreateCountyAdmin(
        pb.CreateCountyAdminRequest(
            county_id=county_id, name="测试管理员", username="admin", password=PASSWORD
        ),
        metadata=operator,
    )
    personnel.change_password(county_id, "admin", OWN_PASSWORD)
    admin = bearer(personnel.sign_in(county_id, "admin", OWN_PASSWORD).access_token)
    grid.ImportDivisions(
        divisions_pb2.ImportDivisionsRequest(county_id=county_id, codes=[TOWNSHIP]), metadata=admin
    )
    request = tree_pb2.ListGridsRequest(county_id=county_id, level_id="township")
    [township] = grid.ListGrids(request, metadata=admin).grids
    person = personnel.calls.CreatePerson(
        pb.CreatePersonRequest(
            county_id=county_id, name="测试镇长", username="mayor", password=PASSWORD
        ),
        metadata=admin,
    ).person

    post = personnel.calls.AssignPost(
        pb.AssignPostRequest(
            county_id=county_id, person_id=person.person_id, role_type="township.direct",
            grid_id=township.grid_id,
        ),
        metadata=admin,
    ).post  # fmt: skip

    assert (post.grid_path, post.title) == (township.path, "直接责任人")
    personnel.change_password(county_id, "mayor", OWN_PASSWORD)
    mayor = personnel.sign_in(county_id, "mayor", OWN_PASSWORD)
    assert personnel.claims(mayor).capabilities["accept"] == (f"g:{township.path}",)
    asked = pb.FindResponsibleRequest(county_id=county_id, grid_id=township.grid_id)
    answer = personnel.calls.FindResponsible(asked, metadata=bearer(mayor.access_token))
    assert [entry.person_name for entry in answer.responsible] == ["测试镇长"]
