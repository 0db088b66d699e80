"""Reading grids."""

from datetime import datetime
from uuid import UUID

from services.grid.domain.grids import Grid, GridFilters
from services.grid.ports import GridTransaction

WHOLE_COUNTY = ("",)


def get_grid(tx: GridTransaction, grid_id: UUID) -> Grid:
    """One grid, for whoever may read it; the city may read any."""
    grid = tx.grids.get(grid_id)
    if not tx.context.roles:
        tx.context.require_grid("read", grid.path)
    return grid


def list_grids(
    tx: GridTransaction, filters: GridFilters, at: datetime, after: str | None, limit: int
) -> list[Grid]:
    """Grids within the caller's reach at a moment, in path order, after the one at a path."""
    scopes = WHOLE_COUNTY if tx.context.roles else tx.context.grid_scopes("read")
    return tx.grids.page(scopes, filters, at, after, limit)
