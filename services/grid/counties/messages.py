"""Counties and their states as messages."""

from services.grid.city.domain import County, CountyState
from services.grid.counties.domain import StateEntry
from wangge.grid.v1 import counties_pb2

COUNTY_STATES = {
    CountyState.ACTIVE: counties_pb2.COUNTY_STATE_ACTIVE,
    CountyState.SUSPENDED: counties_pb2.COUNTY_STATE_SUSPENDED,
}


def county_message(county: County) -> counties_pb2.County:
    """A county as its message."""
    return counties_pb2.County(
        county_id=county.county_id,
        name=county.name,
        admin_code=county.admin_code,
        time_zone=county.time_zone,
        state=COUNTY_STATES[county.state],
        create_time=county.created_at,
        version=county.version,
    )


def state_message(entry: StateEntry) -> counties_pb2.CountyStateEntry:
    """A change of a county's state."""
    return counties_pb2.CountyStateEntry(
        version=entry.version,
        state=CountyState(entry.state).value,
        reason=entry.reason,
        changed_by=str(entry.changed_by or ""),
        change_time=entry.changed_at,
    )
