"""Who may change who holds what.

There is one order for all transactions that wait for one another here: first the county or the
places, the places sorted; then rows, of the structure as well as of posts and people. A time that
vacancies are judged by is taken after the lock, so that a transaction that waited judges by a later
time.
"""

from collections.abc import Iterable

from sqlalchemy import text

from services.personnel.common.store import lock
from services.personnel.posts.domain.posts import Place
from shared.db.transaction import Transaction
from shared.structure.store import Structure

LOCK_PLACE = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(:county, 0)), "
    "pg_advisory_xact_lock(hashtextextended(:name, 0))"
)


class PlaceLocks:
    """What the transaction holds: roles at places, or the whole county alone."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._county = f"posts {tx.county_id}"
        self._holds_county = False
        self._held: set[str] = set()

    def lock(self, places: Iterable[tuple[str, Place]]) -> None:
        """Hold each role at its place until the transaction ends; others hold other places."""
        if self._holds_county:
            return
        names = {
            f"post {self._tx.county_id} {role_type} {place.grid_id or place.department_id}"
            for role_type, place in places
        }
        for name in sorted(names - self._held):
            self._tx.connection.execute(LOCK_PLACE, {"county": self._county, "name": name})
            self._held.add(name)
            self._tx.store(Structure).forget()

    def lock_county(self) -> None:
        """Hold every role at every place until the transaction ends.

        Raises RuntimeError where the transaction holds single places: two that do would wait for
        each other.
        """
        if self._held:
            raise RuntimeError("hold the county before any place")
        if not self._holds_county:
            lock(self._tx, self._county)
            self._holds_county = True
