"""Events in, events out: the nameko side of the service."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from services.disclosure.register import usecases
from services.disclosure.store import DisclosureTransaction, make_transaction
from shared.case_events import CASE_CLOSED
from shared.eventing.contracts import PermanentError
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.events import GRID_CHANGED
from shared.structure.handlers import StructureEvents
from shared.structure.restructuring import GRID_RESTRUCTURED, await_restructured


class DisclosureEvents(StructureEvents):
    """Enters into the register what the county's own list says must be published."""

    name = "disclosure"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(CASE_CLOSED)
    def on_case_closed(
        self, tx: DisclosureTransaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Register what must be published of a closed case."""
        if data["closed_at"] is None:
            raise PermanentError(f"case {data['case_id']} was closed without a closed_at")
        usecases.register_case(
            tx, event.key, data, data["closed_at"], new_id=lambda: UUID(int=uuid7().int)
        )

    # nameko hands every handler of this class this service's own transaction.
    @on_event(GRID_CHANGED)
    def on_grid_changed(
        self, tx: DisclosureTransaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Keep the grids as they stand now; who reaches an item follows them."""
        tx.structure.apply_grids(data["grids"])
        tx.register.follow_grids([grid["grid_id"] for grid in data["grids"]])

    @on_event(GRID_RESTRUCTURED)
    def on_grid_restructured(
        self, tx: DisclosureTransaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Bring what is not published yet to the grids that take over."""
        await_restructured(tx.structure, data)
        tx.register.hand_over({heir["from_id"]: heir["to_id"] for heir in data["heirs"]})
