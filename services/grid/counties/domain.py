"""Suspending and resuming a county."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.grid.city.domain import COUNTY_ID, NAME_LENGTH, County, CountyState
from shared.context import CITY
from shared.contracts.grid import CountyCreated
from shared.errors import FailedPrecondition, Text, Violation, require_version


class CountySuspended(FailedPrecondition):
    """Nothing of the county can be written while it is suspended."""

    reason = "COUNTY_SUSPENDED"
    title = Text("County suspended", "该县(市、区)已停用")
    detail = Text(
        "County {county_id} is suspended: nothing can be changed until the city resumes it.",
        "编号 {county_id} 的县(市、区)已停用,恢复前不能修改任何内容。",
    )


class CountyNotSuspended(FailedPrecondition):
    """Only a suspended county can be resumed."""

    reason = "COUNTY_NOT_SUSPENDED"
    title = Text("County not suspended", "该县(市、区)未停用")
    detail = Text("County {county_id} is not suspended.", "编号 {county_id} 的县(市、区)未停用。")


@dataclass(frozen=True, slots=True)
class StateEntry:
    """A change of a county's state; ``version`` is the county's version after it."""

    version: int
    state: CountyState
    reason: str
    changed_by: UUID | None
    changed_at: datetime


def turned(county: County, to: CountyState, expected_version: int) -> County:
    """Return the county in the other state. Raises Aborted, CountySuspended or CountyNotSuspended."""
    require_version(expected_version, county.version)
    if county.state is to:
        refusal = CountySuspended if to is CountyState.SUSPENDED else CountyNotSuspended
        raise refusal(county_id=county.county_id)
    return replace(county, state=to, version=county.version + 1)


def created(county: County) -> CountyCreated:
    """Return the event of a new county."""
    return CountyCreated(
        county_id=county.county_id,
        name=county.name,
        admin_code=county.admin_code,
        time_zone=county.time_zone,
    )


def county_id_faults(county_id: str) -> list[Violation]:
    """Return the faults of an id chosen for a county."""
    if COUNTY_ID.match(county_id) and county_id != CITY:
        return []
    detail = Text(
        f"Use 2 to 32 lower-case letters, digits, - or _, and not '{CITY}'.",
        f"应为 2 至 32 位小写字母、数字、- 或 _,且不能是“{CITY}”。",
    )
    return [Violation("/county_id", detail)]


def name_faults(name: str) -> list[Violation]:
    """Return the faults of a county's name."""
    if not name.strip():
        return [Violation("/name", Text("This field is required.", "该字段必填。"))]
    if len(name) <= NAME_LENGTH and name.isprintable():
        return []
    detail = Text(
        f"Use one line of at most {NAME_LENGTH} characters.",
        f"应为单行文本,最多 {NAME_LENGTH} 个字符。",
    )
    return [Violation("/name", detail)]
