"""Facts of cases in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, literal, or_

from services.assessment import models, schemas
from services.assessment.domain import REJECTED, CaseFact, JudgedCase, Outcome, Period
from services.assessment.models import CaseFactRow
from shared.context import RequestContext
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest
from shared.structure.following import follow_grids
from shared.structure.store import Structure

OUTCOME = case(
    (CaseFactRow.handled_at <= CaseFactRow.due_at, literal(Outcome.IN_TIME.value)),
    (CaseFactRow.handled_at.is_not(None), literal(Outcome.LATE.value)),
    else_=literal(Outcome.OVERDUE.value),
)
PERIOD_AT = func.least(CaseFactRow.due_at - timedelta(microseconds=1), CaseFactRow.handled_at)
"""When a case belongs: the last moment of its limit, or when it was handled if that was earlier.

A limit that ends with January is due at the midnight which begins February, and belongs to January.
"""


BY_CASE = SortKey(CaseFactRow.case_id)


class FactStore:
    """One county's facts."""

    def __init__(self, tx: Transaction) -> None:
        self._facts = ScopedTable(tx, CaseFactRow)

    def keep(self, fact: CaseFact) -> None:
        """Keep a case unless a newer version of it is kept."""
        self._facts.keep_newest([asdict(fact)])

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""
        follow_grids(
            self._facts,
            models.STRUCTURE,
            grid_ids,
            grid="responsible_grid_id",
            path="responsible_grid_path",
        )

    def count(self, path: str, period: Period, now: datetime) -> Mapping[Outcome, int]:
        """How many cases of the subtree and period there are of each outcome, as of ``now``."""
        judged = self._judged(path, period, now, OUTCOME, func.count()).group_by(OUTCOME)
        return {Outcome(outcome): count for outcome, count in self._facts.all(judged)}

    def page(
        self, path: str, period: Period, now: datetime, asked: PageRequest
    ) -> Page[JudgedCase]:
        """The very cases that ``count`` counts, by case id."""
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


class AssessmentTransaction(Transaction):
    """One transaction of the service, for one county."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        """Bind the repositories to the context's county."""
        super().__init__(
            connection,
            context,
            service="assessment",
            tables=models.PLATFORM,
            events=schemas.EVENTS,
        )
        self.structure = Structure(connection, models.STRUCTURE, context.county_id)
        self.provide(self.structure)
        self.facts = self.store(FactStore)


make_transaction = AssessmentTransaction


def _judged_case(row: Row[Any]) -> JudgedCase:
    return JudgedCase(row.case_id, row.number, Outcome(row.outcome), row.due_at, row.handled_at)
