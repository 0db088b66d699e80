"""Opening a case and every step of the table, each giving the case as it is afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.cases.domain import clocks
from services.cases.domain.case import Case, SourceType, State, Transfer, TransferState
from services.cases.domain.clocks import Limits
from services.cases.domain.history import NO_ENTRY_YET
from services.cases.domain.transitions import TABLE, Action
from shared.structure.scheme import Scheme

OPENED = "opened"


class Place(Protocol):
    """A grid of the county."""

    @property
    def grid_id(self) -> UUID:
        """Its id."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def level_id(self) -> str:
        """Its level in the county's scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came in: a finding of a patrol, a citizen's report, an assignment from above."""

    source_type: SourceType
    source_id: str
    grid_id: UUID
    category: str
    description: str
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    reporter_id: UUID | None = None
    pollution_source_id: UUID | None = None


def responsible_place(upward: Sequence[Place], scheme: Scheme) -> Place:
    """The nearest grid, from the found one (the first) upward, whose level may accept cases.

    The found grid itself where the county gives no level above it the power.
    """
    return next(
        (place for place in upward if scheme.level_may(place.level_id, "accept")), upward[0]
    )


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
        source_type=report.source_type,
        source_id=report.source_id,
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


def accept(case: Case, limits: Limits, now: datetime) -> Case:
    """The responsible grid takes the case on."""
    return _move(case, Action.ACCEPT, limits, now, accepted_at=now)


def reject(case: Case, limits: Limits, now: datetime) -> Case:
    """The responsible grid refuses the case."""
    return _move(case, Action.REJECT, limits, now)


def transfer(case: Case, limits: Limits, now: datetime, offer: Transfer) -> Case:
    """The grid offers the case to a department."""
    return _move(case, Action.TRANSFER, limits, now, transfers=(*case.transfers, offer))


def acknowledge(case: Case, limits: Limits, now: datetime, by: UUID | None) -> Case:
    """The department that was asked takes the case over."""
    answers = _answered(case, TransferState.ACCEPTED, now, by)
    holder = answers[-1].to_department_id
    return _move(case, Action.ACKNOWLEDGE, limits, now, transfers=answers, department_id=holder)


def decline(case: Case, limits: Limits, now: datetime, by: UUID | None, reason: str) -> Case:
    """The department that was asked gives the case back to the grid."""
    answers = _answered(case, TransferState.DECLINED, now, by, reason)
    return _move(case, Action.DECLINE, limits, now, transfers=answers)


def handle(case: Case, limits: Limits, now: datetime, by: UUID | None, result: str) -> Case:
    """Whoever has the case answers it in writing."""
    return _move(case, Action.HANDLE, limits, now, handled_at=now, handled_by=by, result=result)


def verify(case: Case, limits: Limits, now: datetime, by: UUID | None) -> Case:
    """The place was looked at and the result holds."""
    return _move(case, Action.VERIFY, limits, now, verified_at=now, verified_by=by)


def rework(case: Case, limits: Limits, now: datetime) -> Case:
    """The result does not hold: whoever handled the case has it again."""
    return _move(case, Action.REWORK, limits, now, handled_at=None, handled_by=None)


def close(case: Case, limits: Limits, now: datetime) -> Case:
    """The case ends."""
    return _move(case, Action.CLOSE, limits, now, closed_at=now)


def _answered(
    case: Case, state: TransferState, now: datetime, by: UUID | None, decline_reason: str = ""
) -> tuple[Transfer, ...]:
    """The case's offers, the open one (always the last) answered."""
    *before, offer = case.transfers
    answer = replace(
        offer, state=state, answered_at=now, answered_by=by, decline_reason=decline_reason
    )
    return (*before, answer)


def _move(
    case: Case,
    action: Action,
    limits: Limits,
    now: datetime,
    **changes: Any,
) -> Case:
    """The case one version on. The table decides the state and the clocks, the step the rest."""
    transition = TABLE[action]
    moved = replace(case, state=transition.target, version=case.version + 1, **changes)
    ticking = clocks.after(case, moved.owner, transition.clocks, limits, now)
    return replace(moved, clocks=ticking)
