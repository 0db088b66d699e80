"""What a caller may do with a grid."""

from services.grid.tree.domain import grids
from services.grid.tree.domain.grids import Grid
from shared.context import CITY_OPERATOR
from shared.db.transaction import Transaction

CONFIGURE = "configure"


def require_at(tx: Transaction, parent: Grid | None) -> None:
    """The caller must configure the grid below which something is made, or the whole county."""
    if CITY_OPERATOR in tx.context.roles:
        return
    if parent is None:
        tx.context.require_county(CONFIGURE)
    else:
        tx.context.require_grid(CONFIGURE, parent.path)


def require_above(tx: Transaction, grid: Grid) -> None:
    """The caller must configure what lies above the grid: nobody divides what they are part of."""
    if CITY_OPERATOR in tx.context.roles:
        return
    above = grids.paths_above(grid.path)
    if above:
        tx.context.require_grid(CONFIGURE, above[-1])
    else:
        tx.context.require_county(CONFIGURE)
