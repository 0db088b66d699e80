"""Events in, events out: the nameko side of the service."""

from services.patrols.ledger.store import LedgerStore
from services.patrols.store import make_transaction
from shared.contracts.grid import GridsChanged
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents, rows_of
from shared.structure.store import Structure


class PatrolEvents(StructureEvents):
    """Keeps the local copy of the county's structure, and publishes the outbox."""

    name = "patrols"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now, and the paths of patrols in them."""
        tx.store(Structure).apply_grids(rows_of(data))
        tx.store(LedgerStore).follow_grids([grid.grid_id for grid in data.grids])
