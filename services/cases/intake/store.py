"""The reports that opened cases, and case numbers, in PostgreSQL. Rows never leave this file."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert as upsert

from services.cases.intake.models import NumberRow
from services.cases.life.domain.case import Origin
from services.cases.life.models import CaseRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction


class IntakeStore:
    """One county's intake."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._cases = ScopedTable(tx, CaseRow)

    def is_open_from(self, origin: Origin, origin_id: str) -> bool:
        """Whether the report has opened a case before."""
        return self._cases.has(source_type=origin.value, source_id=origin_id)

    def next_ordinal(self, day: date) -> int:
        """The next number of the day; of two transactions, the second waits for the first to end.

        A rollback gives the number up, so the numbers of a day have no gap.
        """
        first = upsert(NumberRow).values(county_id=self._tx.county_id, day=day, last=1)
        statement = first.on_conflict_do_update(
            index_elements=["county_id", "day"], set_={"last": NumberRow.last + 1}
        ).returning(NumberRow.last)
        return int(self._tx.connection.execute(statement).scalar_one())
