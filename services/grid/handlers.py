"""Events in, events out: the nameko side of the service."""

from uuid import UUID

from services.grid.sources.usecases import files as source_files
from services.grid.sources.usecases.files import Occurrence
from services.grid.store import GridTransaction, make_transaction
from shared.case_handlers import CaseStepEvents
from shared.contracts.cases import CaseFacts
from shared.contracts.patrols import FindingReported, PatrolSubmitted
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope


class GridEvents(CaseStepEvents):
    """Publishes the outbox, and keeps what happens to pollution sources in their files."""

    name = "grid"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(PatrolSubmitted)
    def on_patrol_submitted(
        self, tx: GridTransaction, event: Envelope, data: PatrolSubmitted
    ) -> None:
        """Keep that a patrol inspected sources."""
        facts = {"grid_id": str(data.grid_id), "finding_count": data.finding_count}
        occurrence = Occurrence(event.id, event.key, data.patrol_id, data.ended_at, facts)
        source_files.record(tx, data.source_ids, occurrence)

    @on_event(FindingReported)
    def on_finding_reported(
        self, tx: GridTransaction, event: Envelope, data: FindingReported
    ) -> None:
        """Keep that a finding was reported at a source."""
        facts = {"patrol_id": str(data.patrol_id), "category": data.category}
        occurrence = Occurrence(event.id, event.key, data.finding_id, data.found_at, facts)
        source_files.record(tx, _one(data.source_id), occurrence)

    def on_case_step(self, tx: GridTransaction, event: Envelope, data: CaseFacts) -> None:
        """Keep that a case about a source took a step."""
        facts = {"number": data.number, "state": data.state, "category": data.category}
        occurrence = Occurrence(event.id, event.key, data.case_id, event.time, facts)
        source_files.record(tx, _one(data.pollution_source_id), occurrence)


def _one(source_id: UUID | None) -> list[UUID]:
    return [] if source_id is None else [source_id]
