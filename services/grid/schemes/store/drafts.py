"""Drafts of schemes, and the city's shelf, in PostgreSQL. Rows never leave this file."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.schemes.domain.drafts import Draft
from services.grid.schemes.models import DraftRow
from shared.db.transaction import Transaction


class DraftStore:
    """The county's draft."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def find(self) -> Draft | None:
        """The draft, or None where there is none."""
        columns = [getattr(DraftRow, name) for name in Draft.__slots__]
        row = self._connection.execute(
            select(*columns).where(
                DraftRow.county_id == self._county_id, DraftRow.document.is_not(None)
            )
        ).first()
        return None if row is None else Draft(*tuple(row))

    def last_version(self) -> int:
        """The version of the draft there is, or of the last there was; 0 before the first."""
        found = self._connection.execute(
            select(DraftRow.version).where(DraftRow.county_id == self._county_id)
        ).scalar()
        return found or 0

    def save(self, draft: Draft) -> None:
        """Write the draft in place of the one before."""
        values = {name: getattr(draft, name) for name in Draft.__slots__}
        statement = upsert(DraftRow).values(county_id=self._county_id, **values)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["county_id"],
                set_={name: statement.excluded[name] for name in values},
            )
        )

    def discard(self) -> None:
        """Remove the draft. Its version is used up."""
        self._connection.execute(
            update(DraftRow)
            .where(DraftRow.county_id == self._county_id)
            .values(document=None, version=DraftRow.version + 1)
        )
