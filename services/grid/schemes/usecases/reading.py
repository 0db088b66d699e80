"""Reading a county's scheme."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.grid.ports import GridTransaction
from services.grid.schemes.domain.versions import SchemeVersion


def get_scheme(tx: GridTransaction, day: date | None, now: datetime) -> SchemeVersion:
    """The scheme in force on a day, today unless given."""
    zone = ZoneInfo(tx.counties.get().time_zone)
    return tx.schemes.on(day or now.astimezone(zone).date())
