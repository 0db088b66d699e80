"""How a county's transaction reaches rows that belong to the city (ADR 13)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from shared.context import CITY
from shared.db.transaction import SET_COUNTY


@contextmanager
def as_city(connection: Connection, county_id: str) -> Iterator[None]:
    """Within the block the transaction sees and writes the city's rows, and no county's."""
    connection.execute(SET_COUNTY, {"county": CITY})
    yield
    connection.execute(SET_COUNTY, {"county": county_id})
