"""Sign boards over gRPC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import grpc
import orjson

from services.personnel.boards import usecases as boards
from services.personnel.boards.usecases import Board, Drawn, Named
from services.personnel.common.peer import GridPeer
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc import call
from shared.rpc.fields import optional_moment, uuid_or
from shared.rpc.messages import writer
from shared.structure.peer import Learned
from shared.structure.store import GridNotFound
from wangge.grid.v1 import geometry_pb2, geometry_service_pb2_grpc, tree_pb2, tree_service_pb2_grpc
from wangge.personnel.v1 import boards_service_pb2 as pb

TEXTS = ("office_place", "working_body")


class BoardServicer:
    """Puts a board together: the grid's details come from grid, all else from this service."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        channel: grpc.Channel,
        clock: Callable[[], datetime],
    ) -> None:
        """``channel`` is the connection to grid."""
        self._unit_of_work = unit_of_work
        self._peer = GridPeer(channel, unit_of_work)
        self._grid = tree_service_pb2_grpc.GridServiceStub(channel)
        self._places = geometry_service_pb2_grpc.PlaceServiceStub(channel)
        self._clock = clock

    def GetBoard(
        self, request: pb.GetBoardRequest, context: grpc.ServicerContext
    ) -> pb.GetBoardResponse:
        """Return what a grid's board says."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        now = self._clock()
        moment = optional_moment(request, "as_of") or now

        def attempt(learned: Learned) -> None:
            with self._unit_of_work(call.current()) as tx:
                learned.keep(tx)
                boards.require_reach(tx, grid_id)

        self._peer.answer(attempt, now, grid_id=grid_id)
        details = self._details(grid_id, moment if moment < now else None)
        drawn = self._drawn(grid_id, moment)
        with self._unit_of_work(call.current()) as tx:
            board = boards.make_board(tx, grid_id, details, drawn, moment)
        return pb.GetBoardResponse(board=_message(board))

    def _details(self, grid_id: UUID, moment: datetime | None) -> dict[str, Any]:
        """What the county stated of the grid. Fails as grid does where it refuses."""
        request = tree_pb2.GetGridRequest(
            county_id=call.current().county_id,
            grid_id=str(grid_id),
            as_of=moment and moment.astimezone(UTC),
        )
        details: dict[str, Any] = orjson.loads(
            self._grid.GetGrid(request).grid.details_json or "{}"
        )
        return details

    def _drawn(self, grid_id: UUID, moment: datetime) -> Drawn | None:
        """The grid's boundary at the moment; None where none is recorded."""
        request = geometry_pb2.GetBoundaryRequest(
            county_id=call.current().county_id,
            grid_id=str(grid_id),
            as_of=moment.astimezone(UTC),
        )
        try:
            boundary = self._places.GetBoundary(request).boundary
        except grpc.RpcError as error:
            if isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise
        return Drawn(boundary.geometry_json, boundary.area_km2)


write_person = writer(pb.BoardPerson, Named)


def _message(board: Board) -> pb.Board:
    grid = board.grid
    return pb.Board(
        county_id=call.current().county_id,
        grid_id=str(grid.grid_id),
        name=grid.name,
        local_code=grid.local_code or "",
        level_id=grid.level_id,
        level_name=board.level.get("name") or "",
        unit_type=grid.unit_type,
        above=[each.name for each in board.above],
        area_km2=board.area_km2,
        **{name: board.details.get(name) or "" for name in TEXTS},
        responsible_body=board.body("responsible_body") or "",
        implementing_body=board.body("implementing_body") or "",
        responsible_units=board.details.get("responsible_units") or (),
        emphasis=board.level.get("emphasis") or "",
        powers=board.powers,
        persons=[write_person(named) for named in board.persons],
        missing=board.missing,
        boundary_json=board.drawn.geometry_json if board.drawn else "",
    )
