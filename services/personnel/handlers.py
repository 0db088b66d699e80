"""Events in, events out: the nameko side of the service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from services.personnel.store import PersonnelTransaction, make_transaction
from services.personnel.usecases import following
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.handlers import StructureEvents
from shared.structure.restructuring import GRID_RESTRUCTURED


class PersonnelEvents(StructureEvents):
    """Keeps the local copy of the county's structure, and publishes the outbox."""

    name = "personnel"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(GRID_RESTRUCTURED)
    def on_grid_restructured(
        self, tx: PersonnelTransaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """End the posts of grids that ended, and let their holders go on where that is asked."""
        following.follow_restructuring(
            tx, data, datetime.now(UTC), new_id=lambda: UUID(int=uuid7().int)
        )
