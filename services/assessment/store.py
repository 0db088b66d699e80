"""Facts of cases in PostgreSQL. Rows never leave this file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, or_, select, update

from services.assessment import models, schemas
from services.assessment.domain import REJECTED, CaseFact, JudgedCase, Outcome, Period
from services.assessment.models import CaseFactRow
from shared.context import RequestContext
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.db.upsert import keep_newest
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


class FactStore:
    """One county's facts."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def keep(self, fact: CaseFact) -> None:
        """Keep a case unless a newer version of it is kept."""
        row = {**asdict(fact), "county_id": self._county_id}
        keep_newest(self._connection, CaseFactRow.__table__, [row])

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now."""
        grids = models.STRUCTURE.grids
        self._connection.execute(
            update(CaseFactRow)
            .where(
                CaseFactRow.county_id == self._county_id,
                CaseFactRow.responsible_grid_id.in_(grid_ids),
                grids.c.county_id == self._county_id,
                grids.c.grid_id == CaseFactRow.responsible_grid_id,
                grids.c.path != CaseFactRow.responsible_grid_path,
            )
            .values(responsible_grid_path=grids.c.path)
        )

    def count(self, path: str, period: Period, now: datetime) -> Mapping[Outcome, int]:
        """How many cases of the subtree and period there are of each outcome, as of ``now``."""
        rows = self._connection.execute(
            self._judged(path, period, now, OUTCOME, func.count()).group_by(OUTCOME)
        )
        return {Outcome(outcome): count for outcome, count in rows}

    def page(
        self, path: str, period: Period, now: datetime, after: UUID | None, limit: int
    ) -> list[JudgedCase]:
        """The very cases that ``count`` counts, by case id."""
        query = self._judged(
            path,
            period,
            now,
            CaseFactRow.case_id,
            CaseFactRow.number,
            OUTCOME,
            CaseFactRow.due_at,
            CaseFactRow.handled_at,
        )
        if after is not None:
            query = query.where(CaseFactRow.case_id > after)
        rows = self._connection.execute(query.order_by(CaseFactRow.case_id).limit(limit))
        return [
            JudgedCase(case_id, number, Outcome(outcome), due_at, handled_at)
            for case_id, number, outcome, due_at, handled_at in rows
        ]

    def _judged(
        self, path: str, period: Period, now: datetime, *columns: ColumnElement[Any] | Any
    ) -> Select[Any]:
        """Cases that should have been handled (应处置) in the period: handled, or overdue by now."""
        return select(*columns).where(
            CaseFactRow.county_id == self._county_id,
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
        self.facts = FactStore(connection, context.county_id)


make_transaction = AssessmentTransaction
