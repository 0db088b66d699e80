"""Suspending and resuming counties."""

from datetime import datetime

from services.grid.city.domain import NAME_LENGTH, County, CountyState
from services.grid.counties.domain import CountyChanged, StateEntry, turned
from services.grid.ports import GridTransaction
from shared.errors import InvalidArgument, Text, Violation

REASON_LENGTH = 5 * NAME_LENGTH
NO_REASON = Text(
    f"Say why, in at most {REASON_LENGTH} characters.", f"请说明原因,最多 {REASON_LENGTH} 个字符。"
)


def turn_county(
    tx: GridTransaction, to: CountyState, reason: str, expected_version: int, now: datetime
) -> County:
    """Suspend or resume the county, and tell of it.

    Raises InvalidArgument without a reason, Aborted, CountySuspended or CountyNotSuspended.
    """
    said = reason.strip()
    if not said or len(said) > REASON_LENGTH or "\x00" in said:
        raise InvalidArgument([Violation("/reason", NO_REASON)])
    tx.counties.get()
    tx.grids.lock()
    county = turned(tx.counties.get(), to, expected_version)
    tx.counties.turn(county, StateEntry(county.version, to, said, tx.context.actor_id, now))
    tx.outbox.add(
        CountyChanged(county.county_id, to.value, now),
        subject=county.county_id,
        sequence=county.version,
    )
    return county
