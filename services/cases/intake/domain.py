"""How a case begins: what was reported, and the case as it is opened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.cases.clocks import domain as clocks
from services.cases.clocks.domain import Limits
from services.cases.life.domain.case import Case, Origin, State
from services.cases.life.domain.history import NO_ENTRY_YET
from services.cases.life.domain.steps import OPENED
from services.cases.routing.domain import Place, responsible_place
from shared.structure.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that opens a case: a patrol's finding, a citizen's report, an assignment from above."""

    origin: Origin
    origin_id: str
    grid_id: UUID
    category: str
    description: str
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    reporter_id: UUID | None = None
    pollution_source_id: UUID | None = None


def opened(
    report: Report,
    upward: Sequence[Place],
    scheme: Scheme,
    *,
    county_id: str,
    case_id: UUID,
    number: str,
    now: datetime,
) -> Case:
    """A new case. ``upward`` holds the found grid and all above it, nearest first."""
    found, responsible = upward[0], responsible_place(upward, scheme)
    case = Case(
        county_id=county_id,
        case_id=case_id,
        number=number,
        version=1,
        state=State.REPORTED,
        category=report.category,
        description=report.description,
        address=report.address,
        origin=report.origin,
        origin_id=report.origin_id,
        reporter_id=report.reporter_id,
        grid_id=found.grid_id,
        grid_path=found.path,
        grid_level_id=found.level_id,
        responsible_grid_id=responsible.grid_id,
        responsible_grid_path=responsible.path,
        lead_department_id=scheme.lead_department(report.category) or "",
        department_id="",
        scheme_version=scheme.version,
        longitude=report.longitude,
        latitude=report.latitude,
        opened_at=now,
        head=NO_ENTRY_YET,
        pollution_source_id=report.pollution_source_id,
    )
    limits = Limits(scheme.clocks, scheme.calendar)
    return replace(case, clocks=clocks.started(limits, (OPENED,), case.owner, now))


def number_of(county_id: str, day: date, ordinal: int) -> str:
    """The readable number of the ``ordinal``-th case that the county opened on its day."""
    return f"{county_id}-{day:%Y%m%d}-{ordinal:04d}"
