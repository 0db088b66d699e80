"""A county of the service, fed by case facts as its events bring them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.assessment.facts.usecases import keep_case
from services.assessment.indicators import usecases
from services.assessment.indicators.domain import Value
from services.assessment.store import make_transaction
from shared.contracts.cases import CaseClock, CaseFacts, CaseOpened
from shared.db.transaction import UnitOfWork
from tests.integration.service_fixtures import Databases, context_of, grid_row
from tests.support.samples import event_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Town:
    """One county."""

    def __init__(self, databases: Databases, county_id: str, structure: Callable) -> None:
        self.id = county_id
        self.work = UnitOfWork(databases.engine("assessment"), make_transaction)
        self.grids = {path: grid_row(path) for path in ("1.", "1.2.", "1.3.", "10.", "10.2.")}
        structure("assessment", county_id, {}, list(self.grids.values()))

    def keep(self, *told: tuple[int, CaseFacts]) -> None:
        """Take case facts in, each as the event of its sequence."""
        with self.work(context_of(self.id)) as tx:
            for sequence, facts in told:
                keep_case(tx, sequence, facts)

    def value(
        self,
        indicator: str = "on_time_rate",
        *,
        path: str | None = None,
        period: str = "2026-11",
        now: datetime = NOW,
    ) -> Value:
        grid_id: UUID | None = self.grids[path]["grid_id"] if path else None
        with self.work(context_of(self.id, read=["g:"])) as tx:
            return usecases.get_indicator(tx, indicator, grid_id, period, now)

    def counted(self, **asked: Any) -> tuple[int, int]:
        value = self.value(**asked)
        return value.numerator, value.denominator


def case(
    due: datetime | None,
    handled: datetime | None = None,
    path: str = "1.2.",
    *,
    sequence: int = 1,
    **given: Any,
) -> tuple[int, CaseFacts]:
    """The facts of a case whose limit ends at ``due``, at its first event unless told."""
    values = {
        "case_id": uuid4(),
        "state": "handling",
        "responsible_grid_id": uuid4(),
        "responsible_grid_path": path,
        "handled_at": handled,
        "closed_at": None,
        "clocks": (clock("acknowledge", datetime(2020, 1, 1, tzinfo=UTC)), clock("dispose", due)),
    }
    return sequence, event_of(CaseOpened, **{**values, **given})


def clock(kind: str, due: datetime | None) -> CaseClock:
    return CaseClock(kind=kind, started_at=NOW, due_at=due, stopped_at=None)


@pytest.fixture
def town(databases: Databases, county_id: str, structure: Callable) -> Town:
    return Town(databases, county_id, structure)


@pytest.fixture
def other_town(databases: Databases, county_id: str, structure: Callable) -> Town:
    return Town(databases, f"{county_id}-b", structure)
