"""Cases that follow their grids, in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, not_, or_

from services.cases.base import STRUCTURE
from services.cases.life.domain.case import Case
from services.cases.life.models import CaseRow
from services.cases.life.store import CaseStore
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.structure.following import follow_grids


class RoutingStore:
    """One county's cases by the grids that they lie in and that answer for them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._cases = ScopedTable(tx, CaseRow)

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Set the paths in cases of these grids to the grids' present paths, on which access depends."""
        for name in ("grid", "responsible_grid"):
            grid, path = f"{name}_id", f"{name}_path"
            follow_grids(self._cases, STRUCTURE, grid_ids, grid=grid, path=path)

    def open_of_grids(self, grid_ids: Sequence[UUID]) -> list[Case]:
        """Open cases found in one of the grids, or for which one of them answers.

        They are locked until the transaction ends, as are those of the method below.
        """
        return self._tx.store(CaseStore).open_where(
            or_(CaseRow.grid_id.in_(grid_ids), CaseRow.responsible_grid_id.in_(grid_ids))
        )

    def open_astray(self, grid_ids: Sequence[UUID]) -> list[Case]:
        """Open cases found in one of the grids whose responsible grid is not above it."""
        return self._tx.store(CaseStore).open_where(
            CaseRow.grid_id.in_(grid_ids),
            not_(func.starts_with(CaseRow.grid_path, CaseRow.responsible_grid_path)),
        )
