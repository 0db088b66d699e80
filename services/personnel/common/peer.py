"""Questions to grid, for what the local copy of the structure lacks."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import grpc

from services.personnel.common.usecases import scheme_in_force
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import DomainError
from shared.rpc import call
from shared.structure.peer import NOTHING, GridClient, Learned
from shared.structure.store import Structure, StructureNotYetKnown

Answer = TypeVar("Answer")


class GridPeer:
    """Asks grid in the caller's name, and only where a request fails for a gap in the local copy."""

    def __init__(self, channel: grpc.Channel, unit_of_work: UnitOfWork[Transaction]) -> None:
        self._grid = GridClient(channel)
        self._unit_of_work = unit_of_work

    def answer(
        self,
        attempt: Callable[[Learned], Answer],
        now: datetime,
        *,
        role_type: str | None = None,
        grid_id: UUID | None = None,
    ) -> Answer:
        """The answer of ``attempt``, which is tried again where it is refused and the copy has a gap.

        ``attempt`` opens its own transaction and keeps in it what was learned. A gap is a
        scheme in force without the role type, or the grid. Fails as grid does where grid
        refuses; a grid that does not exist is not learned.
        """
        try:
            return attempt(NOTHING)
        except (DomainError, StructureNotYetKnown):
            learned = self._learn(now, role_type, grid_id)
            if learned == NOTHING:
                raise
        return attempt(learned)

    def _learn(self, now: datetime, role_type: str | None, grid_id: UUID | None) -> Learned:
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
