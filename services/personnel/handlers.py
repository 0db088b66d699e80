"""Handlers of events, timers and the relay: the nameko side of the service."""

from datetime import UTC, datetime

from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.timers import VacancyGauge, attend_all
from services.personnel.posts.usecases import restructuring as following
from services.personnel.posts.usecases.vacancies import grids_changed, scheme_published
from services.personnel.store import make_transaction
from shared.contracts.declare import values_of
from shared.contracts.grid import GridRestructured, GridsChanged, SchemePublished
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.eventing.timing import WorkerDatabase, every
from shared.ids import new_id
from shared.structure.handlers import StructureEvents, rows_of
from shared.structure.store import Structure

GAUGE = VacancyGauge()


class PersonnelEvents(StructureEvents):
    """Keeps the local copy of the county's structure, finds vacancies, and publishes the outbox."""

    name = "personnel"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    worker = WorkerDatabase()
    relay = Relay()

    @on_event(GridRestructured)
    def on_grid_restructured(
        self, tx: Transaction, event: Envelope, data: GridRestructured
    ) -> None:
        """End the posts of grids that ended, and let their holders go on where that is asked."""
        following.follow_restructuring(tx, data, _now, new_id)

    @on_event(SchemePublished)
    def on_scheme_published(self, tx: Transaction, event: Envelope, data: SchemePublished) -> None:
        """Keep the version, and look at who is missing by it.

        The county is held before anything is kept, so that of a scheme and grids that come at
        once the later one sees the earlier.
        """
        tx.store(PlaceLocks).lock_county()
        tx.store(Structure).apply_scheme(values_of(data))
        scheme_published(tx, data.effective_on, _now())

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now, and look at who is missing on them."""
        tx.store(PlaceLocks).lock_county()
        tx.store(Structure).apply_grids(rows_of(data))
        grids = [(grid.grid_id, grid.valid_from, grid.valid_to) for grid in data.grids]
        grids_changed(tx, grids, _now())

    @every(seconds=1)
    def attend(self) -> None:
        """Look at the places whose moments have come."""
        attend_all(self.worker, self.unit_of_work, _now)

    @every(seconds=15)
    def measure(self) -> None:
        """Count vacant posts."""
        GAUGE.measure(self.worker)


def _now() -> datetime:
    return datetime.now(UTC)
