"""Reading a county's scheme."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.grid.city.store.counties import CountyStore
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.store.versions import SchemeStore
from shared.db.transaction import Transaction


def get_scheme(tx: Transaction, day: date | None, now: datetime) -> SchemeVersion:
    """The scheme in force on a day, today unless given."""
    zone = ZoneInfo(tx.store(CountyStore).get().time_zone)
    return tx.store(SchemeStore).on(day or now.astimezone(zone).date())
