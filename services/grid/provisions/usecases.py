"""What grids are given to work with, year by year."""

from dataclasses import replace
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.provisions import domain as provisions
from services.grid.provisions.domain import Provision
from services.grid.provisions.store import ProvisionStore
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases import permissions
from services.grid.tree.usecases.reading import get_grid
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, require_version
from shared.paging import Page, PageRequest


def set_provision(tx: Transaction, wanted: Provision, expected_version: int) -> Provision:
    """State a year's provision of a grid, in place of what was stated before.

    Raises GridNotFound, PermissionDenied, InvalidArgument, Aborted.
    """
    permissions.require_configure_at(tx.context, tx.store(GridStore).get(wanted.grid_id))
    if faults := provisions.faults_of(wanted):
        raise InvalidArgument(faults)
    tx.store(CountyStore).lock()
    before = tx.store(ProvisionStore).find(wanted.grid_id, wanted.year)
    version = before.version if before else 0
    require_version(expected_version, version)
    after = replace(wanted, version=version + 1)
    tx.store(ProvisionStore).put(after)
    return after


def list_provisions(tx: Transaction, grid_id: UUID, asked: PageRequest) -> Page[Provision]:
    """A grid's provisions, the newest year first. Raises as get_grid does."""
    get_grid(tx, grid_id)
    return tx.store(ProvisionStore).page(grid_id, asked)
