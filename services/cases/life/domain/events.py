"""What other services hear of a case. No free text but the result, in which numbers are masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.cases.clocks.domain import Clock
from services.cases.life.domain.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """The facts of the case that every event of it carries, as they are after the step."""

    case_id: UUID
    number: str
    state: str
    category: str
    source_type: str
    grid_id: UUID
    grid_path: str
    responsible_grid_id: UUID
    responsible_grid_path: str
    department_id: str | None
    opened_at: datetime
    accepted_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    clocks: tuple[Clock, ...]
    pollution_source_id: UUID | None = None

    @classmethod
    def of(cls, case: Case, **own: Any) -> Self:
        """The event of a case, with the step's own facts."""
        named = {"source_type": "origin"}
        facts = {name: getattr(case, named.get(name, name)) for name in CaseEvent.__slots__}
        facts["department_id"] = case.department_id or None
        return cls(**facts, **own)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseEvent):
    """A case was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(CaseEvent):
    """The case went to another grid, for the county divided itself anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep(CaseEvent):
    """Somebody, ``actor_id``, took a step."""

    actor_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(CaseStep):
    """The responsible grid took the case on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRejected(CaseStep):
    """The responsible grid refused the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStep(CaseStep):
    """A step about one offer to a department."""

    transfer_id: UUID
    to_department_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(TransferStep):
    """The case was offered to a department."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAccepted(TransferStep):
    """The department took the case over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDeclined(TransferStep):
    """The department gave the case back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHandled(CaseStep):
    """The case was answered in writing."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerified(CaseStep):
    """The place was looked at; unless it ``passed``, the case went back to whoever handled it."""

    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseStep):
    """The case was closed."""

    result: str
