"""What grid is asked when the local copy cannot say what an appointment needs."""

from datetime import datetime
from uuid import UUID

import grpc

from services.personnel.common.scheme import scheme_in_force
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc import call
from shared.structure.peer import GridClient, Learned
from shared.structure.store import Structure


class GridPeer:
    """Asks grid for what a post rests on, in the caller's name."""

    def __init__(self, channel: grpc.Channel, unit_of_work: UnitOfWork[Transaction]) -> None:
        self._grid = GridClient(channel)
        self._unit_of_work = unit_of_work

    def learn(
        self, now: datetime, *, role_type: str | None = None, grid_id: UUID | None = None
    ) -> Learned:
        """Ask for what the local copy lacks: a scheme with the role type, and the grid.

        Fails as grid does where it refuses; a grid that does not exist is simply not learned.
        """
        with self._unit_of_work(call.current()) as tx:
            lacks_role = role_type is not None and not _knows_role(tx, role_type, now)
            lacks_grid = grid_id is not None and tx.store(Structure).find_grid(grid_id) is None
        return Learned(
            scheme=self._grid.scheme() if lacks_role else None,
            grid=self._grid.find_grid(grid_id) if grid_id and lacks_grid else None,
        )


def _knows_role(tx: Transaction, role_type: str, now: datetime) -> bool:
    scheme = scheme_in_force(tx, now)
    return scheme is not None and scheme.role_type(role_type) is not None
