"""Reading what a grid came from and what became of it."""

from uuid import UUID

from services.grid.changes.domain.changes import GridChange
from services.grid.changes.store import GridChangeStore
from services.grid.tree.usecases.reading import get_grid
from shared.db.transaction import Transaction


def get_lineage(tx: Transaction, grid_id: UUID) -> tuple[list[GridChange], list[GridChange]]:
    """Return the changes that led to a grid, its own included, and those after; oldest first."""
    get_grid(tx, grid_id)
    came = tx.store(GridChangeStore).came_from(grid_id)
    known = {change.change_id for change in came}
    became = [
        change
        for change in tx.store(GridChangeStore).became(grid_id)
        if change.change_id not in known
    ]
    return came, became
