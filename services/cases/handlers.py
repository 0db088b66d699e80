"""Events in, events out: the nameko side of the service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.cases.intake import usecases as intake
from services.cases.intake.domain import Report
from services.cases.life import usecases as life
from services.cases.life.domain.case import Origin
from services.cases.life.usecases import Confirmation
from services.cases.routing import usecases as routing
from services.cases.schemas import FINDING_REPORTED, NOTICE_CONFIRMED
from services.cases.store import make_transaction
from shared.db.transaction import Transaction
from shared.eventing.contracts import PermanentError
from shared.eventing.entrypoint import Relay, UnitOfWorkProvider, on_event
from shared.eventing.envelope import Envelope
from shared.structure.events import GRID_CHANGED
from shared.structure.handlers import StructureEvents
from shared.structure.restructuring import GRID_RESTRUCTURED
from shared.structure.store import Structure

ABOUT_CASE = "case"


class CaseEvents(StructureEvents):
    """Opens cases for what patrols found, and notes who confirmed that they know of them."""

    name = "cases"
    unit_of_work = UnitOfWorkProvider(make_transaction)
    relay = Relay()

    @on_event(FINDING_REPORTED)
    def on_finding_reported(
        self, tx: Transaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Open a case, unless the finding has one."""
        intake.open_case(tx, _report(data), datetime.now(UTC))

    @on_event(NOTICE_CONFIRMED)
    def on_notice_confirmed(
        self, tx: Transaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Note it in the case's history; notices about anything else are not for us."""
        if data["about_type"] == ABOUT_CASE:
            life.record_confirmation(tx, _confirmation(data))

    @on_event(GRID_CHANGED)
    def on_grid_changed(self, tx: Transaction, event: Envelope, data: Mapping[str, Any]) -> None:
        """Keep the grids as they stand now, and move their cases with them."""
        tx.store(Structure).apply_grids(data["grids"])
        grid_ids = [grid["grid_id"] for grid in data["grids"]]
        routing.follow_grids(tx, grid_ids, datetime.now(UTC))

    @on_event(GRID_RESTRUCTURED)
    def on_grid_restructured(
        self, tx: Transaction, event: Envelope, data: Mapping[str, Any]
    ) -> None:
        """Bring the open cases of grids that ended to who takes over."""
        routing.follow_restructuring(tx, data, datetime.now(UTC))


def _report(data: Mapping[str, Any]) -> Report:
    return Report(
        origin=Origin.FINDING,
        origin_id=str(data["finding_id"]),
        grid_id=data["grid_id"],
        category=data["category"],
        description=data["description"],
        address=data["address"],
        longitude=data["longitude"],
        latitude=data["latitude"],
        reporter_id=data["reporter_id"],
        pollution_source_id=data["source_id"],
    )


def _confirmation(data: Mapping[str, Any]) -> Confirmation:
    try:
        case_id = UUID(data["about_id"])
    except ValueError as error:
        raise PermanentError(f"{data['about_id']!r} is no id of a case") from error
    return Confirmation(data["notice_id"], data["person_id"], case_id, data["confirmed_at"])
