"""Suspending and resuming counties."""

from datetime import datetime

from services.grid.city.domain import NAME_LENGTH, County, CountyState
from services.grid.city.store.counties import CountyStore
from services.grid.counties.domain import StateEntry, turned
from services.grid.counties.store import CountyStateStore
from shared.contracts.grid import CountyChanged
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation

REASON_LENGTH = 5 * NAME_LENGTH
NO_REASON = Text(
    f"Say why, in at most {REASON_LENGTH} characters.", f"请说明原因,最多 {REASON_LENGTH} 个字符。"
)


def set_state(
    tx: Transaction, to: CountyState, reason: str, expected_version: int, now: datetime
) -> County:
    """Suspend or resume the county, and publish the event.

    Raises InvalidArgument without a reason or for one too long, CountyUnknown, Aborted,
    CountySuspended or CountyNotSuspended.
    """
    said = reason.strip()
    if not said or len(said) > REASON_LENGTH or "\x00" in said:
        raise InvalidArgument([Violation("/reason", NO_REASON)])
    tx.store(CountyStore).get()
    tx.store(CountyStore).lock()
    county = turned(tx.store(CountyStore).get(), to, expected_version)
    tx.store(CountyStore).set_state(county)
    entry = StateEntry(county.version, to, said, tx.context.actor_id, now)
    tx.store(CountyStateStore).add(entry)
    tx.outbox.add(
        CountyChanged(county_id=county.county_id, state=to.value, changed_at=now),
        subject=county.county_id,
        sequence=county.version,
    )
    return county
