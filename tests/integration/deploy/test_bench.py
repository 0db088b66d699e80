"""What B1 is compared with: the rows of a real submission, written by pgbench for a second."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from deploy.bench import pgbench
from services.grid.serve_grpc import build as build_grid
from services.patrols.serve_grpc import build
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer, grid_row
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc

DOCUMENT = {"categories": [{"id": "straw_burning", "name": "秸秆焚烧"}], "levels": []}
SCOPES = {"patrol": ["g:1.2."], "read": ["g:1.2."]}


@pytest.fixture
def patrol_id(rpc: RpcServers, structure: Callable, token: Tokens, county_id: str) -> str:
    """A submitted patrol."""
    village = grid_row("1.2.")
    structure("patrols", county_id, DOCUMENT, [village])
    channel = rpc("patrols", build, peers={"grid": rpc.serve("grid", build_grid)})
    caller = bearer(token(county_id=county_id, person_id=uuid4(), capabilities=SCOPES))
    request = _submission(county_id, str(village["grid_id"]))
    reply = pb_grpc.PatrolServiceStub(channel).SubmitPatrol(request, metadata=caller)
    return str(reply.patrol.patrol_id)


def test_pgbench_writes_the_rows_of_a_submission_as_the_platform_left_them(
    databases: Databases, county_id: str, patrol_id: str, tmp_path: Path
) -> None:
    database = make_url(databases.url("patrols"))
    script = tmp_path / "b1.sql"

    rows = pgbench.sample(database, county_id, patrol_id)
    script.write_text(pgbench.script(county_id, rows), "utf-8")
    per_second = pgbench.run(database, script, 1)

    assert per_second > 0
    with databases.admin_engine("patrols").connect() as connection:
        distinct = connection.execute(
            text("SELECT DISTINCT source_ids, summary FROM patrols WHERE county_id = :c"),
            {"c": county_id},
        ).all()
    assert [tuple(row) for row in distinct] == [([], "上午:巡查 'it's' 全村")]


def _submission(county_id: str, grid_id: str) -> pb.SubmitPatrolRequest:
    now = datetime.now(UTC)
    return pb.SubmitPatrolRequest(
        county_id=county_id,
        request_id=uuid4().hex,
        client_id=str(uuid4()),
        grid_id=grid_id,
        start_time=now - timedelta(hours=1),
        end_time=now - timedelta(minutes=5),
        summary="上午:巡查 'it's' 全村",
        findings=[
            {
                "category": "straw_burning",
                "description": "村东田间露天焚烧秸秆",
                "found_time": now - timedelta(minutes=30),
                "longitude": 113.3,
                "latitude": 27.1,
            }
        ],
        signature={"sign_time": now},
    )
