"""Facts about a case."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DISPOSE = "dispose"
"""The clock that says until when a case must be handled."""

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CaseFact:
    """The facts about a case, as of its newest event."""

    case_id: UUID
    version: int
    number: str
    category: str
    state: str
    responsible_grid_id: UUID
    responsible_grid_path: str
    due_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
