"""What the service does, each within the transaction it is given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.assessment import domain
from services.assessment.domain import CaseFact, JudgedCase, Value
from services.assessment.ports import AssessmentTransaction
from shared.paging import Page, PageRequest


def keep_case(tx: AssessmentTransaction, version: int, facts: Mapping[str, Any]) -> None:
    """Keep how a case stands after an event."""
    due = [clock["due_at"] for clock in facts["clocks"] if clock["kind"] == domain.DISPOSE]
    tx.facts.keep(
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


def get_indicator(
    tx: AssessmentTransaction, indicator_id: str, grid_id: UUID | None, label: str, now: datetime
) -> Value:
    """Compute an indicator for a grid's subtree, or the whole county without a grid."""
    chosen = domain.definition(indicator_id)
    period = domain.period(label, ZoneInfo(tx.structure.county().time_zone), now)
    counts = tx.facts.count(_path(tx, grid_id), period, now)
    return domain.compute(chosen, period, counts)


def explain_indicator(
    tx: AssessmentTransaction,
    indicator_id: str,
    grid_id: UUID | None,
    label: str,
    *,
    now: datetime,
    asked: PageRequest,
) -> tuple[Value, Page[JudgedCase]]:
    """An indicator's value, and a page of the records it rests on."""
    value = get_indicator(tx, indicator_id, grid_id, label, now)
    return value, tx.facts.page(_path(tx, grid_id), value.period, now, asked)


def _path(tx: AssessmentTransaction, grid_id: UUID | None) -> str:
    if grid_id is None:
        tx.context.require_county("read")
        return ""
    path = tx.structure.grid(grid_id).path
    tx.context.require_grid("read", path)
    return path
