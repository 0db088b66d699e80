"""The events of cases: each carries the facts of the case as they are after the step.

No free text travels but the result, in which personal numbers are masked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from shared.contracts.declare import event


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClock:
    """A clock of a case."""

    kind: str
    started_at: datetime
    due_at: Annotated[datetime | None, "Null: the county set no limit."]
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """How a case stands."""

    case_id: UUID
    number: str
    state: str
    category: str
    source_type: Annotated[str, "What opened the case."]
    grid_id: Annotated[UUID, "Where it was found."]
    grid_path: str
    responsible_grid_id: Annotated[UUID, "Which grid answers for it."]
    responsible_grid_path: str
    department_id: Annotated[str | None, "The department that has it."]
    opened_at: datetime
    accepted_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    clocks: tuple[CaseClock, ...]
    pollution_source_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep(CaseFacts):
    """A step of a case; ``actor_id`` is null where the platform itself took it."""

    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStep(CaseStep):
    """A step about an offer to a department."""

    transfer_id: UUID
    to_department_id: str


@event("cases", "case.opened.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseFacts):
    """A case was opened."""


@event("cases", "case.moved.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(CaseFacts):
    """An open case went to another grid, because the county changed its grids."""


@event("cases", "case.accepted.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(CaseStep):
    """The responsible grid took the case on."""


@event("cases", "case.rejected.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRejected(CaseStep):
    """The responsible grid refused the case."""


@event("cases", "case.transferred.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(TransferStep):
    """The case was offered to a department."""


@event("cases", "case.transfer-accepted.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAccepted(TransferStep):
    """The department took the case over."""


@event("cases", "case.transfer-declined.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDeclined(TransferStep):
    """The department gave the case back."""


@event("cases", "case.handled.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHandled(CaseStep):
    """The case was answered in writing."""

    result: Annotated[str, "Personal numbers in it are masked."]


@event("cases", "case.verified.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerified(CaseStep):
    """Somebody checked on site whether the result holds."""

    passed: Annotated[bool, "False: the case went back to be handled again."]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedPassages:
    """How many passages of a kind were masked."""

    kind: str
    count: int


@event("cases", "case.closed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseStep):
    """The case was closed."""

    result: Annotated[str, "Personal numbers in it are masked."]
    masked: Annotated[
        tuple[MaskedPassages, ...] | None, "What was masked in the result. Null: not said."
    ] = None
    reader_department_ids: Annotated[
        tuple[str, ...] | None,
        "The departments that may read the case beside its two grids. Null: not said.",
    ] = None


CASE_STEPS = (
    CaseOpened,
    CaseAccepted,
    CaseTransferred,
    TransferAccepted,
    TransferDeclined,
    CaseHandled,
    CaseVerified,
    CaseClosed,
    CaseRejected,
)
"""The events of all steps of a case; a move to another grid is none."""
