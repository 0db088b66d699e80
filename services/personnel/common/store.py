"""Advisory locks, which last until the transaction ends."""

from sqlalchemy import text

from shared.db.transaction import Transaction
from shared.structure.store import Structure

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def lock(tx: Transaction, name: str) -> None:
    """Wait until no other transaction holds the lock of this name, and hold it until this one ends."""
    tx.connection.execute(LOCK, {"name": name})
    tx.store(Structure).forget()  # what was read before the wait may be of the past
