"""Cases as indicators count them, in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, or_

from services.assessment.facts.domain import REJECTED
from services.assessment.facts.models import CaseFactRow
from services.assessment.indicators.domain import JudgedCase, Outcome, Period
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

OUTCOME = case(
    (CaseFactRow.handled_at <= CaseFactRow.due_at, literal(Outcome.IN_TIME.value)),
    (CaseFactRow.handled_at.is_not(None), literal(Outcome.LATE.value)),
    else_=literal(Outcome.OVERDUE.value),
)
PERIOD_AT = func.least(CaseFactRow.due_at - timedelta(microseconds=1), CaseFactRow.handled_at)
"""The moment that places a case in a period: the last of its limit, or its handling if earlier.

A limit that ends with January is due at the midnight which begins February, and belongs to January.
"""
BY_CASE = SortKey(CaseFactRow.case_id)


class IndicatorStore:
    """What one county's indicators count."""

    def __init__(self, tx: Transaction) -> None:
        self._facts = ScopedTable(tx, CaseFactRow)

    def count(self, path: str, period: Period, now: datetime) -> Mapping[Outcome, int]:
        """How many cases of the subtree and period there are of each outcome, as of ``now``."""
        judged = self._judged(path, period, now, OUTCOME, func.count()).group_by(OUTCOME)
        return {Outcome(outcome): count for outcome, count in self._facts.all(judged)}

    def page(
        self, path: str, period: Period, now: datetime, asked: PageRequest
    ) -> Page[JudgedCase]:
        """The cases that ``count`` counts, by case id."""
        judged = self._judged(
            path,
            period,
            now,
            CaseFactRow.case_id,
            CaseFactRow.number,
            OUTCOME.label("outcome"),
            CaseFactRow.due_at,
            CaseFactRow.handled_at,
        )
        return self._facts.page(judged, BY_CASE, asked).map(_judged_case)

    def _judged(
        self, path: str, period: Period, now: datetime, *columns: ColumnElement[Any] | Any
    ) -> Select[Any]:
        """Cases that should have been handled (应处置) in the period: handled, or overdue by now."""
        return self._facts.select(*columns).where(
            below(CaseFactRow.responsible_grid_path, path),
            CaseFactRow.state != REJECTED,
            CaseFactRow.due_at.is_not(None),
            or_(CaseFactRow.handled_at.is_not(None), CaseFactRow.due_at < now),
            period.start <= PERIOD_AT,
            period.end > PERIOD_AT,
        )


def _judged_case(row: Row[Any]) -> JudgedCase:
    return JudgedCase(row.case_id, row.number, Outcome(row.outcome), row.due_at, row.handled_at)
