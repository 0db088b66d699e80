"""What grids are given to work with, year by year."""

from dataclasses import replace
from uuid import UUID

from services.grid.changes.usecases import checks
from services.grid.ports import GridTransaction
from services.grid.provisions import domain as provisions
from services.grid.provisions.domain import Provision
from services.grid.tree.usecases import get_grid
from shared.errors import Aborted, InvalidArgument


def set_provision(tx: GridTransaction, wanted: Provision, expected_version: int) -> Provision:
    """State a year's provision of a grid, in place of what was stated before.

    Raises GridNotFound, PermissionDenied, InvalidArgument, Aborted.
    """
    checks.require_at(tx, tx.grids.get(wanted.grid_id))
    if faults := provisions.faults_of(wanted):
        raise InvalidArgument(faults)
    tx.grids.lock()
    before = tx.provisions.find(wanted.grid_id, wanted.year)
    version = before.version if before else 0
    if expected_version and expected_version != version:
        raise Aborted(expected=expected_version, actual=version)
    after = replace(wanted, version=version + 1)
    tx.provisions.put(after)
    return after


def list_provisions(
    tx: GridTransaction, grid_id: UUID, before: int | None, limit: int
) -> list[Provision]:
    """A grid's provisions, the newest year first. Raises as get_grid does."""
    get_grid(tx, grid_id)
    return tx.provisions.page(grid_id, before, limit)
