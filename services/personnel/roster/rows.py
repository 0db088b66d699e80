"""The people whom rows of a file may mean."""

from collections.abc import Sequence

from services.personnel.common import rows
from services.personnel.common.rows import People
from services.personnel.roster.store import RosterStore
from shared.db.transaction import Transaction
from shared.rows import Row


def people_in(tx: Transaction, given: Sequence[Row]) -> People:
    """Everybody whom the rows may mean, read by two queries."""
    return People(
        tx.store(RosterStore).names(rows.ids_in(given)),
        tx.store(RosterStore).called(rows.names_in(given)),
    )
