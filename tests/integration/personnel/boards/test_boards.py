"""A grid's sign board, put together from grid's details and the people who answer for it."""

from collections.abc import Callable
from datetime import date, timedelta

import grpc
import orjson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.grid.serve_grpc import build as build_grid
from services.personnel.base import STRUCTURE
from services.personnel.serve_grpc import build
from shared.db.transaction import SET_COUNTY
from shared.rpc.errors import problem_of
from shared.structure.peer import _grid_data
from shared.structure.store import Structure
from tests.integration.grid.conftest import Grids
from tests.integration.personnel.conftest import settings_of
from tests.integration.service_fixtures import Databases, RpcServers, Tokens, bearer, grid_row
from wangge.grid.v1 import (
    changes_pb2,
    changes_service_pb2_grpc,
    geometry_pb2,
    geometry_service_pb2_grpc,
)
from wangge.personnel.v1 import boards_service_pb2 as pb
from wangge.personnel.v1 import boards_service_pb2_grpc as pb_grpc
from wangge.personnel.v1 import people_service_pb2 as people_pb
from wangge.personnel.v1 import people_service_pb2_grpc as people_grpc

GRID_ROLE = "grid.officer"
DETAILS = """{"area_km2": 145.5, "office_place": "镇政府二楼", "working_body": "镇环保站",
              "responsible_units": ["环保站"]}"""


@pytest.fixture
def town(
    rpc: RpcServers,
    token: Tokens,
    databases: Databases,
    county_id: str,
    structure: Callable,
) -> "Town":
    return Town(rpc, token, databases, county_id, structure)


class Town:
    """A county with a township whose details are stated, and somebody appointed there."""

    def __init__(
        self,
        rpc: RpcServers,
        token: Tokens,
        databases: Databases,
        county_id: str,
        structure: Callable,
    ) -> None:
        self.county_id, self._token = county_id, token
        address = rpc.serve("grid", build_grid)
        channel = grpc.insecure_channel(address)
        grids = Grids(channel, token, databases)
        made = grids.create(county_id)
        grids.bring(county_id, "430223126")
        self.grid = grids.all(county_id, level_id="township")[0]
        self.places = geometry_service_pb2_grpc.PlaceServiceStub(channel)
        changes = changes_service_pb2_grpc.GridChangeServiceStub(channel)
        described = changes.UpdateGrid(
            changes_pb2.UpdateGridRequest(
                county_id=county_id, grid_id=self.grid.grid_id, details_json=DETAILS
            ),
            metadata=grids.person(county_id, configure=["g:"]),
        ).grid
        self.stated_at = described.since.ToDatetime()

        self.document = orjson.loads(made.scheme.document_json)
        self._databases = databases
        structure("personnel", county_id, self.document, [_grid_data(self.grid)])
        structure("personnel", county_id, self.document, [_grid_data(described)])
        personnel = rpc("personnel", build, peers={"grid": address}, settings=settings_of(token))
        self.boards = pb_grpc.BoardServiceStub(personnel)
        self.people = people_grpc.PersonnelServiceStub(personnel)

    def who(self, **capabilities: list[str]) -> list[tuple[str, str]]:
        return bearer(self._token(county_id=self.county_id, capabilities=capabilities))

    def let_boards_show_phones(self) -> None:
        document = {**self.document, "disclosure": {"board_phones": True}}
        with self._databases.engine("personnel").begin() as connection:
            connection.execute(SET_COUNTY, {"county": self.county_id})
            Structure(connection, STRUCTURE, self.county_id).apply_scheme(
                {"version": 2, "effective_on": date(2020, 1, 1), "document": document}
            )

    def appoint(self, role_type: str, name: str) -> None:
        admin = self.who(staff=["g:"], read=["g:"])
        person = self.people.CreatePerson(
            people_pb.CreatePersonRequest(county_id=self.county_id, name=name, phone="13812345678"),
            metadata=admin,
        ).person
        self.people.AssignPost(
            people_pb.AssignPostRequest(
                county_id=self.county_id,
                person_id=person.person_id,
                role_type=role_type,
                grid_id=self.grid.grid_id,
                duties=["每周巡查一次"],
            ),
            metadata=admin,
        )

    def board(self, who: list[tuple[str, str]] | None = None, **given: object) -> pb.Board:
        request = pb.GetBoardRequest(
            county_id=self.county_id, **{"grid_id": self.grid.grid_id, **given}
        )
        return self.boards.GetBoard(request, metadata=who or self.who(read=["g:"])).board


def test_a_board_says_what_the_grid_is_and_who_answers_for_it(town: Town) -> None:
    role = next(
        role
        for role in town.document["role_types"]
        if role["at"] == "grid" and role["level"] == "township"
    )
    bare = town.board()

    town.appoint(role["id"], "测试员甲")
    board = town.board()

    assert "persons" in bare.missing
    assert (board.name, board.area_km2) == (town.grid.name, 145.5)
    assert (board.office_place, board.working_body) == ("镇政府二楼", "镇环保站")
    assert list(board.responsible_units) == ["环保站"]
    (named,) = board.persons
    assert (named.title, named.person_name) == (role["title"], "测试员甲")
    assert named.grid_name == town.grid.name
    assert "persons" not in board.missing
    assert "13812345678" not in str(board)


def test_a_board_shows_duties_the_map_and_the_area_within(town: Town) -> None:
    shape = {
        "type": "Polygon",
        "coordinates": [
            [[113.3, 27.1], [113.4, 27.1], [113.4, 27.2], [113.3, 27.2], [113.3, 27.1]]
        ],
    }
    town.places.SetBoundary(
        geometry_pb2.SetBoundaryRequest(
            county_id=town.county_id,
            grid_id=town.grid.grid_id,
            geometry_json=orjson.dumps(shape).decode(),
        ),
        metadata=town.who(configure=["g:"]),
    )
    town.appoint(GRID_ROLE, "测试员乙")

    board = town.board()

    assert orjson.loads(board.boundary_json)["type"] == "Polygon"
    assert board.area_km2 == 145.5  # what the county states goes before what was drawn
    assert list(board.persons[0].duties) == ["每周巡查一次"]


@pytest.mark.requirement("R-GRID-41", part="phones on the sign board")
def test_phones_are_shown_only_where_the_county_s_scheme_lets_boards_do_so(town: Town) -> None:
    town.appoint(GRID_ROLE, "测试员丙")
    assert town.board().persons[0].phone == ""

    town.let_boards_show_phones()

    assert town.board().persons[0].phone == "13812345678"


def test_a_board_of_the_past_says_what_was_stated_then(town: Town) -> None:
    before = Timestamp()
    before.FromDatetime(town.stated_at - timedelta(microseconds=1))

    board = town.board(as_of=before)

    assert not board.HasField("area_km2")
    assert "area" in board.missing


def test_a_board_is_read_within_one_s_subtree_only(town: Town) -> None:
    other = grid_row("9.")["grid_id"]

    for who, grid_id, status in (
        (town.who(read=["g:9."]), town.grid.grid_id, "PERMISSION_DENIED"),
        (town.who(patrol=["g:"]), town.grid.grid_id, "PERMISSION_DENIED"),
        (town.who(read=["g:"]), str(other), "NOT_FOUND"),
        (town.who(read=["g:"]), "no-uuid", "NOT_FOUND"),
        ([("x-none", "1")], town.grid.grid_id, "UNAUTHENTICATED"),
    ):
        with pytest.raises(grpc.RpcError) as failed:
            town.board(who, grid_id=grid_id)
        assert problem_of(failed.value).status.name == status
