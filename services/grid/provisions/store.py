"""What grids are given to work with in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from uuid import UUID

from services.grid.provisions.domain import Provision
from services.grid.provisions.models import ProvisionRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NEWEST = SortKey(ProvisionRow.year, descending=True)


class ProvisionStore:
    """The county's provisions."""

    def __init__(self, tx: Transaction) -> None:
        self._provisions = ScopedTable(tx, ProvisionRow)

    def find(self, grid_id: UUID, year: int) -> Provision | None:
        """Return what is stated for a grid and year, locked until the transaction ends, or None."""
        query = self._provisions.select_for(Provision).where(
            ProvisionRow.grid_id == grid_id, ProvisionRow.year == year
        )
        row = self._provisions.first(query.with_for_update())
        return None if row is None else Provision(*row)

    def put(self, provision: Provision) -> None:
        """Write what is stated now."""
        values = asdict(provision)
        self._provisions.upsert([values], [name for name in values if name not in OF])

    def page(self, grid_id: UUID, asked: PageRequest) -> Page[Provision]:
        """A grid's provisions, the newest year first."""
        query = self._provisions.select_for(Provision).where(ProvisionRow.grid_id == grid_id)
        return self._provisions.page(query, NEWEST, asked).map(lambda row: Provision(*tuple(row)))


OF = ("grid_id", "year")
