"""Reading grids, as they stand or as they stood at a moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.grid.tree.domain.grids import Grid, GridFilters, GridNotThere, GridState, nodes_of
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import readable_scopes, require_read
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest


def get_grid(tx: Transaction, grid_id: UUID, moment: datetime | None = None) -> Grid:
    """One grid; the city may read any.

    A caller who may read the grid today may read its earlier states. Raises GridNotFound, GridNotThere,
    PermissionDenied.
    """
    grid = tx.store(GridStore).get(grid_id)
    require_read(tx.context, grid)
    if moment is None:
        return grid
    then = grid if grid.since <= moment else tx.store(GridStore).at(grid_id, moment)
    if then is None or not then.holds_at(moment):
        raise GridNotThere(grid_id=grid_id, moment=moment.isoformat())
    return then


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which grids are asked for: of a subtree if given, as they stood at a moment if given."""

    filters: GridFilters
    under: UUID | None
    moment: datetime | None


def list_grids(tx: Transaction, wanted: Wanted, asked: PageRequest, *, now: datetime) -> Page[Grid]:
    """Grids that the caller may read at a moment, in path order.

    The caller's subtrees are taken as they stood at the moment.
    """
    filters, moment = wanted.filters, wanted.moment
    if wanted.under is not None:
        filters = replace(filters, under=get_grid(tx, wanted.under, moment).path)
    scopes = readable_scopes(tx.context)
    if moment is None or moment >= now:
        return tx.store(GridStore).page(scopes, filters, moment or now, asked)
    return tx.store(GridStore).page(_then(tx, scopes, moment), filters, moment, asked, history=True)


def list_ancestors(tx: Transaction, grid_id: UUID, moment: datetime | None) -> list[Grid]:
    """The grids above one, nearest first. Raises as get_grid does."""
    return tx.store(GridStore).above(get_grid(tx, grid_id, moment).path, moment)


def list_states(tx: Transaction, grid_id: UUID, asked: PageRequest) -> Page[GridState]:
    """The states that a grid went through, newest first."""
    get_grid(tx, grid_id)
    return tx.store(GridStore).states(grid_id, asked)


def _then(tx: Transaction, scopes: tuple[str, ...], moment: datetime) -> tuple[str, ...]:
    """Where the grids of the scopes lay at a moment."""
    if "" in scopes or not scopes:
        return scopes
    nodes = [nodes_of(scope)[-1] for scope in scopes]
    return tuple(grid.path for grid in tx.store(GridStore).nodes_at(nodes, moment))
