"""Events in, events out: the nameko side of the service."""

from datetime import UTC, datetime

from services.cases.intake import usecases as intake
from services.cases.intake.domain import Report
from services.cases.life import usecases as life
from services.cases.life.domain.case import Origin
from services.cases.life.usecases import Confirmation
from services.cases.routing import usecases as routing
from services.cases.store import make_transaction
from shared.contracts.grid import GridRestructured, GridsChanged
from shared.contracts.notifications import NoticeConfirmed
from shared.contracts.patrols import FindingReported
from shared.db.transaction import Transaction
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents, rows_of
from shared.structure.store import Structure

ABOUT_CASE = "case"


class CaseEvents(StructureEvents):
    """Opens cases for findings, records confirmations, and moves cases with their grids."""

    name = "cases"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(FindingReported)
    def on_finding_reported(self, tx: Transaction, event: Envelope, data: FindingReported) -> None:
        """Open a case, unless the finding has one."""
        intake.open_case(tx, _report(data), datetime.now(UTC))

    @on_event(NoticeConfirmed)
    def on_notice_confirmed(self, tx: Transaction, event: Envelope, data: NoticeConfirmed) -> None:
        """Record the confirmation in the case's history, where the notice is about a case."""
        if data.about_type == ABOUT_CASE:
            life.record_confirmation(tx, _confirmation(data))

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now, and move their cases with them."""
        tx.store(Structure).apply_grids(rows_of(data))
        grid_ids = [grid.grid_id for grid in data.grids]
        routing.follow_grids(tx, grid_ids, datetime.now(UTC))

    @on_event(GridRestructured)
    def on_grid_restructured(
        self, tx: Transaction, event: Envelope, data: GridRestructured
    ) -> None:
        """Move the open cases of grids that ended to the grids that take over."""
        routing.follow_restructuring(tx, data, datetime.now(UTC))


def _report(found: FindingReported) -> Report:
    return Report(
        origin=Origin.FINDING,
        origin_id=str(found.finding_id),
        grid_id=found.grid_id,
        category=found.category,
        description=found.description,
        address=found.address,
        longitude=found.longitude,
        latitude=found.latitude,
        reporter_id=found.reporter_id,
        pollution_source_id=found.source_id,
    )


def _confirmation(notice: NoticeConfirmed) -> Confirmation:
    return Confirmation(notice.notice_id, notice.person_id, notice.about_id, notice.confirmed_at)
