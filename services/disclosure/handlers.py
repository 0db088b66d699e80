"""Events in, events out: the nameko side of the service."""

from services.disclosure.register import usecases
from services.disclosure.register.store import RegisterStore
from services.disclosure.store import make_transaction
from shared.contracts.cases import CaseClosed
from shared.contracts.grid import GridRestructured, GridsChanged
from shared.db.transaction import Transaction
from shared.eventing.contracts import PermanentError
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents, rows_of
from shared.structure.restructuring import await_restructured
from shared.structure.store import Structure


class DisclosureEvents(StructureEvents):
    """Enters into the register what the county's own list says must be published."""

    name = "disclosure"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(CaseClosed)
    def on_case_closed(self, tx: Transaction, event: Envelope, data: CaseClosed) -> None:
        """Register what must be published of a closed case."""
        if data.closed_at is None:
            raise PermanentError(f"case {data.case_id} was closed without a closed_at")
        usecases.register_case(tx, event.key, data, data.closed_at)

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now, and the paths of items in them."""
        tx.store(Structure).apply_grids(rows_of(data))
        tx.store(RegisterStore).follow_grids([grid.grid_id for grid in data.grids])

    @on_event(GridRestructured)
    def on_grid_restructured(
        self, tx: Transaction, event: Envelope, data: GridRestructured
    ) -> None:
        """Move items that are not published to the grids that take over."""
        await_restructured(tx.store(Structure), data)
        tx.store(RegisterStore).hand_over({heir.from_id: heir.to_id for heir in data.heirs})
