"""Facts of cases are counted where their grids lie now."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from services.assessment.facts.domain import CaseFact
from services.assessment.facts.store import FactStore
from services.assessment.indicators.domain import period
from services.assessment.indicators.store import IndicatorStore
from services.assessment.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.structure.store import Structure
from tests.integration.service_fixtures import Databases, context_of, grid_row

VILLAGE = UUID(int=41)
MARCH = datetime(2026, 3, 6, tzinfo=UTC)


def test_facts_follow_the_grid_that_answers_for_them(
    databases: Databases, county_id: str, structure: Callable
) -> None:
    structure("assessment", county_id, {}, [grid_row("3.41.", grid_id=VILLAGE)])
    work = UnitOfWork(databases.engine("assessment"), make_transaction)
    fact = CaseFact(
        case_id=uuid4(),
        version=1,
        number="1",
        category="noise",
        state="handled",
        responsible_grid_id=VILLAGE,
        responsible_grid_path="3.41.",
        due_at=MARCH,
        handled_at=MARCH,
        closed_at=None,
    )

    with work(context_of(county_id)) as tx:
        tx.store(FactStore).keep(fact)
        tx.store(Structure).apply_grids([grid_row("9.41.", grid_id=VILLAGE, version=2)])
        tx.store(FactStore).follow_grids([VILLAGE])
        month = period("2026-03", UTC, MARCH)
        counts = [
            sum(tx.store(IndicatorStore).count(path, month, MARCH).values())
            for path in ("3.", "9.")
        ]

    assert counts == [0, 1]
