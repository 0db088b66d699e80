"""How a county's transaction reaches rows that belong to the city (ADR 13)."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.context import CITY
from shared.db.transaction import SET_COUNTY, Transaction


@contextmanager
def as_city(tx: Transaction) -> Iterator[None]:
    """Within the block the transaction sees and writes the city's rows, and no county's."""
    tx.connection.execute(SET_COUNTY, {"county": CITY})
    yield
    tx.connection.execute(SET_COUNTY, {"county": tx.county_id})
