"""Computing indicators, within the transaction that is given."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.assessment.indicators import domain
from services.assessment.indicators.domain import JudgedCase, Value
from services.assessment.indicators.store import IndicatorStore
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest
from shared.structure.store import Structure


def get_indicator(
    tx: Transaction, indicator_id: str, grid_id: UUID | None, label: str, now: datetime
) -> Value:
    """Compute an indicator for a grid's subtree, or the whole county without a grid."""
    chosen = domain.definition(indicator_id)
    period = domain.period(label, ZoneInfo(tx.store(Structure).county().time_zone), now)
    counts = tx.store(IndicatorStore).count(_path(tx, grid_id), period, now)
    return domain.compute(chosen, period, counts)


def explain_indicator(
    tx: Transaction,
    indicator_id: str,
    grid_id: UUID | None,
    label: str,
    *,
    now: datetime,
    asked: PageRequest,
) -> tuple[Value, Page[JudgedCase]]:
    """An indicator's value, and a page of the records it rests on."""
    value = get_indicator(tx, indicator_id, grid_id, label, now)
    return value, tx.store(IndicatorStore).page(_path(tx, grid_id), value.period, now, asked)


def _path(tx: Transaction, grid_id: UUID | None) -> str:
    if grid_id is None:
        tx.context.require_county("read")
        return ""
    path = tx.store(Structure).grid(grid_id).path
    tx.context.require_grid("read", path)
    return path
