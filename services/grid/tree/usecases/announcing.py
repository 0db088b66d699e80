"""Publishing grids that were made or changed to other services."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter

from services.grid.tree.domain.grids import Grid
from shared.contracts.grid import GRIDS_PER_EVENT, GridsChanged, GridState
from shared.db.transaction import Transaction

STATE = attrgetter(*(field.name for field in fields(GridState)))


def announce(tx: Transaction, grids: Sequence[Grid]) -> None:
    """Publish the present states of the grids, in events of at most 500."""
    for start in range(0, len(grids), GRIDS_PER_EVENT):
        part = grids[start : start + GRIDS_PER_EVENT]
        event = GridsChanged(grids=tuple(state_of(grid) for grid in part))
        tx.outbox.add(event, subject=tx.county_id, sequence=part[-1].node)


def state_of(grid: Grid) -> GridState:
    """The grid as other services know it."""
    return GridState(*STATE(grid))
