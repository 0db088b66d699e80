"""Events in: the nameko side of the service."""

from collections.abc import Mapping
from typing import Any

from services.assessment import usecases
from services.assessment.store import AssessmentTransaction, make_transaction
from shared.case_handlers import CaseStepEvents
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents


class AssessmentEvents(StructureEvents, CaseStepEvents):
    """Keeps the facts that indicators rest on."""

    name = "assessment"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    def on_case_step(
        self, tx: AssessmentTransaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Keep how the case stands now."""
        usecases.keep_case(tx, event.sequence, data)
