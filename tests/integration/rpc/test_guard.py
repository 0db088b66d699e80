"""What the guard says for every service: texts no database keeps, structure still on its way."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services.patrols.serve_grpc import build as build_patrols
from shared.rpc.process import Mount, Parts
from shared.structure.store import StructureNotYetKnown
from tests.integration.service_fixtures import RpcServers, Tokens, bearer, grid_row
from tests.support.refusals import refusal
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc


@pytest.fixture
def patrols(rpc: RpcServers) -> pb_grpc.PatrolServiceStub:
    return pb_grpc.PatrolServiceStub(rpc("patrols", build_patrols, peers={"grid": "127.0.0.1:1"}))


def test_a_text_with_a_nul_character_is_refused_by_field_in_both_languages(
    patrols: pb_grpc.PatrolServiceStub, token: Tokens, county_id: str
) -> None:
    me = bearer(token(county_id=county_id, capabilities={"patrol": ["g:"]}))
    request = pb.SubmitPatrolRequest(
        county_id=county_id, summary="甲\x00", findings=[{"description": "\x00"}]
    )

    problem = refusal(lambda: patrols.SubmitPatrol(request, metadata=me))

    assert (problem.status.name, problem.reason) == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    assert [v.pointer for v in problem.violations] == ["/summary", "/findings/0/description"]
    assert "U+0000" in problem.violations[0].detail.en
    assert "删除" in problem.violations[0].detail.zh


def test_who_may_not_call_learns_nothing_of_the_fields(
    patrols: pb_grpc.PatrolServiceStub, token: Tokens, county_id: str
) -> None:
    request = pb.SubmitPatrolRequest(county_id=county_id, summary="\x00")
    stranger = bearer(token(county_id="elsewhere", capabilities={"patrol": ["g:"]}))
    reader = bearer(token(county_id=county_id, capabilities={"read": ["g:"]}))

    for caller, status in ((None, "UNAUTHENTICATED"), (stranger, "NOT_FOUND"),
                           (reader, "PERMISSION_DENIED")):  # fmt: skip
        refused = refusal(lambda c=caller: patrols.SubmitPatrol(request, metadata=c))
        assert refused.status.name == status


def test_zero_bytes_of_numbers_pass(
    patrols: pb_grpc.PatrolServiceStub, token: Tokens, county_id: str, structure: Callable
) -> None:
    village = grid_row("1.")
    structure("patrols", county_id, {"categories": [{"id": "a", "name": "甲"}]}, [village])
    now = datetime.now(UTC)
    request = pb.SubmitPatrolRequest(
        county_id=county_id,
        client_id="phone-1",
        grid_id=str(village["grid_id"]),
        start_time=now,
        end_time=now,
        findings=[{"category": "a", "description": "乙", "found_time": now,
                   "longitude": 0.0, "latitude": 27.0}],
        signature={"sign_time": now},
    )  # fmt: skip
    assert b"\x00" in request.SerializeToString()
    me = bearer(token(county_id=county_id, capabilities={"patrol": ["g:"]}))

    assert patrols.SubmitPatrol(request, metadata=me).patrol.ledger_number == 1


def test_structure_still_on_its_way_is_unavailable_with_a_time_to_retry(
    rpc: RpcServers, token: Tokens, county_id: str
) -> None:
    stub = pb_grpc.PatrolServiceStub(rpc("patrols", _build_waiting))
    me = bearer(token(county_id=county_id, capabilities={"read": ["g:"]}))

    problem = refusal(lambda: stub.GetPatrol(pb.GetPatrolRequest(county_id=county_id), metadata=me))

    assert (problem.status.name, problem.reason) == ("UNAVAILABLE", "STRUCTURE_NOT_READY")
    assert problem.retry_after == 2
    assert problem.detail.zh != problem.detail.en


class _Waiting(pb_grpc.PatrolServiceServicer):
    """Fails as any servicer does whose local copy has a gap."""

    def GetPatrol(self, *_: object) -> None:  # noqa: N802 - the method's name
        raise StructureNotYetKnown("scheme of the county")


def _build_waiting(_: Parts) -> list[Mount]:
    return [
        Mount(
            add=pb_grpc.add_PatrolServiceServicer_to_server,
            servicer=_Waiting(),
            descriptor=pb.DESCRIPTOR.services_by_name["PatrolService"],
        )
    ]
