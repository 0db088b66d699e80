"""Drafts of schemes in PostgreSQL. Rows never leave this file."""

from services.grid.schemes.domain.drafts import Draft
from services.grid.schemes.models import DraftRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction


class DraftStore:
    """The county's draft."""

    def __init__(self, tx: Transaction) -> None:
        self._drafts = ScopedTable(tx, DraftRow)

    def find(self) -> Draft | None:
        """The draft, or None where there is none."""
        query = self._drafts.select_for(Draft).where(DraftRow.document.is_not(None))
        row = self._drafts.first(query)
        return None if row is None else Draft(*row)

    def last_version(self) -> int:
        """The version of the draft there is, or of the last there was; 0 before the first."""
        row = self._drafts.first(self._drafts.select(DraftRow.version))
        return 0 if row is None else int(row.version)

    def save(self, draft: Draft) -> None:
        """Write the draft in place of the one before."""
        values = {name: getattr(draft, name) for name in Draft.__slots__}
        self._drafts.upsert([values], values)

    def discard(self) -> None:
        """Remove the draft. Its version is used up."""
        self._drafts.update({"document": None, "version": DraftRow.version + 1})
