"""Keeping facts, within the transaction that is given."""

from services.assessment.facts.domain import DISPOSE, CaseFact
from services.assessment.facts.store import FactStore
from shared.contracts.cases import CaseFacts
from shared.db.transaction import Transaction


def keep_case(tx: Transaction, version: int, case: CaseFacts) -> None:
    """Keep how a case stands after an event."""
    due = [clock.due_at for clock in case.clocks if clock.kind == DISPOSE]
    tx.store(FactStore).keep(
        CaseFact(
            case_id=case.case_id,
            version=version,
            number=case.number,
            category=case.category,
            state=case.state,
            responsible_grid_id=case.responsible_grid_id,
            responsible_grid_path=case.responsible_grid_path,
            due_at=due[0] if due else None,
            handled_at=case.handled_at,
            closed_at=case.closed_at,
        )
    )
