"""Events in: the nameko side of the service."""

from services.assessment.facts import usecases
from services.assessment.facts.store import FactStore
from services.assessment.store import make_transaction
from shared.case_handlers import CaseStepEvents
from shared.contracts.cases import CaseFacts, CaseMoved
from shared.contracts.grid import GridsChanged
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents, rows_of
from shared.structure.store import Structure


class AssessmentEvents(StructureEvents, CaseStepEvents):
    """Keeps the facts that indicators rest on."""

    name = "assessment"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    def on_case_step(self, tx: Transaction, event: Envelope, data: CaseFacts) -> None:
        """Keep how the case stands now."""
        usecases.keep_case(tx, event.sequence, data)

    @on_event(CaseMoved)
    def on_case_moved(self, tx: Transaction, event: Envelope, data: CaseMoved) -> None:
        """Keep which grid answers for the case now."""
        usecases.keep_case(tx, event.sequence, data)

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now, and the paths of facts in them."""
        tx.store(Structure).apply_grids(rows_of(data))
        tx.store(FactStore).follow_grids([grid.grid_id for grid in data.grids])
