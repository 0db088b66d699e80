"""What grids are given to work with in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.provisions.domain import Provision
from services.grid.provisions.models import ProvisionRow
from shared.db.transaction import Transaction

COLUMNS = Provision.__slots__


class ProvisionStore:
    """The county's provisions."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def find(self, grid_id: UUID, year: int) -> Provision | None:
        """What is stated for a grid and year; nobody else changes it meanwhile."""
        query = self._all().where(ProvisionRow.grid_id == grid_id, ProvisionRow.year == year)
        row = self._connection.execute(query.with_for_update()).first()
        return None if row is None else Provision(*tuple(row))

    def put(self, provision: Provision) -> None:
        """Write what is stated now."""
        values = asdict(provision)
        changed = {name: values[name] for name in COLUMNS if name not in {"grid_id", "year"}}
        self._connection.execute(
            upsert(ProvisionRow)
            .values(**values, county_id=self._county_id)
            .on_conflict_do_update(index_elements=["county_id", "grid_id", "year"], set_=changed)
        )

    def page(self, grid_id: UUID, before: int | None, limit: int) -> list[Provision]:
        """A grid's provisions, the newest year first, those before a year if given."""
        query = self._all().where(ProvisionRow.grid_id == grid_id)
        if before is not None:
            query = query.where(ProvisionRow.year < before)
        rows = self._connection.execute(query.order_by(ProvisionRow.year.desc()).limit(limit))
        return [Provision(*tuple(row)) for row in rows]

    def _all(self) -> Select[Any]:
        columns = [getattr(ProvisionRow, name) for name in COLUMNS]
        return select(*columns).where(ProvisionRow.county_id == self._county_id)
