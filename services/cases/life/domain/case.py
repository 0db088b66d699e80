"""What a case is: its state, its offers to departments, who has it. Values only."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.cases.clocks.domain import Clock
from shared.contracts.cases import CaseClock, CaseFacts


class State(StrEnum):
    """Where a case stands; every county's own labels map onto these."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    TRANSFERRING = "transferring"
    HANDLED = "handled"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    VOID = "void"
    MERGED = "merged"


class Origin(StrEnum):
    """How the platform came to know of it."""

    FINDING = "finding"
    CITIZEN = "citizen"
    SUPERIOR = "superior"
    HOTLINE = "hotline"
    MEDIA = "media"


class TransferState(StrEnum):
    """Whether an offer was taken."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One offer of the case to a department, and its answer."""

    transfer_id: UUID
    to_department_id: str
    reason: str
    state: TransferState
    offered_at: datetime
    offered_by: UUID | None
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    decline_reason: str = ""


@dataclass(frozen=True, slots=True)
class HistoryHead:
    """How long a case's history is, and the hash of its last entry."""

    length: int
    entry_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something wrong, from the report to the result. ``grid`` is where it was found.

    ``department_id`` has the case now; it is empty while the responsible grid has it.
    ``lead_department_id`` is empty where the county's table was silent at the opening.
    """

    county_id: str
    case_id: UUID
    number: str
    version: int
    state: State
    category: str
    description: str
    address: str
    origin: Origin
    origin_id: str
    reporter_id: UUID | None
    grid_id: UUID
    grid_path: str
    grid_level_id: str
    responsible_grid_id: UUID
    responsible_grid_path: str
    lead_department_id: str
    department_id: str
    scheme_version: int
    longitude: float | None
    latitude: float | None
    opened_at: datetime
    head: HistoryHead
    accepted_at: datetime | None = None
    handled_at: datetime | None = None
    handled_by: UUID | None = None
    verified_at: datetime | None = None
    verified_by: UUID | None = None
    closed_at: datetime | None = None
    result: str = ""
    clocks: tuple[Clock, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    pollution_source_id: UUID | None = None

    @property
    def offer(self) -> Transfer | None:
        """The offer that waits for its answer."""
        return next((t for t in self.transfers if t.state is TransferState.OFFERED), None)

    @property
    def owner(self) -> str:
        """Who has to act: the department that is asked or at work, else the responsible grid.

        A handled case is the grid's again, which has it verified and closes it.
        """
        if self.offer is not None:
            return f"department:{self.offer.to_department_id}"
        if self.department_id and self.state is State.HANDLING:
            return f"department:{self.department_id}"
        return f"grid:{self.responsible_grid_id}"


RENAMED = {"source_type": "origin"}
"""The names of case attributes that differ in the first version of the events."""


def facts_of(case: Case) -> dict[str, Any]:
    """The facts that every event of the case carries."""
    named = [field.name for field in fields(CaseFacts) if field.name not in RENAMED]
    facts = {name: getattr(case, name) for name in named}
    facts |= {name: getattr(case, own) for name, own in RENAMED.items()}
    clocks = tuple(
        CaseClock(
            kind=clock.kind,
            started_at=clock.started_at,
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
        )
        for clock in case.clocks
    )
    return {**facts, "department_id": case.department_id or None, "clocks": clocks}
