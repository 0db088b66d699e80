"""Keeping facts, within the transaction that is given."""

from collections.abc import Mapping
from typing import Any

from services.assessment.facts.domain import DISPOSE, CaseFact
from services.assessment.facts.store import FactStore
from shared.db.transaction import Transaction


def keep_case(tx: Transaction, version: int, facts: Mapping[str, Any]) -> None:
    """Keep how a case stands after an event."""
    due = [clock["due_at"] for clock in facts["clocks"] if clock["kind"] == DISPOSE]
    tx.store(FactStore).keep(
        CaseFact(
            case_id=facts["case_id"],
            version=version,
            number=facts["number"],
            category=facts["category"],
            state=facts["state"],
            responsible_grid_id=facts["responsible_grid_id"],
            responsible_grid_path=facts["responsible_grid_path"],
            due_at=due[0] if due else None,
            handled_at=facts["handled_at"],
            closed_at=facts["closed_at"],
        )
    )
