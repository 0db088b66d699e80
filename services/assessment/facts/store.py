"""Facts of cases in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from services.assessment.base import STRUCTURE
from services.assessment.facts.domain import CaseFact
from services.assessment.facts.models import CaseFactRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.structure.following import follow_grids


class FactStore:
    """One county's facts."""

    def __init__(self, tx: Transaction) -> None:
        self._facts = ScopedTable(tx, CaseFactRow)

    def keep(self, fact: CaseFact) -> None:
        """Keep a case unless a newer version of it is kept."""
        self._facts.keep_newest([asdict(fact)])

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Set the paths of facts to the present paths of their grids."""
        follow_grids(
            self._facts,
            STRUCTURE,
            grid_ids,
            grid="responsible_grid_id",
            path="responsible_grid_path",
        )
