"""The events of patrols."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from shared.contracts.declare import event


@event("patrols", "patrol.submitted.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolSubmitted:
    """A patrol entered the ledger."""

    patrol_id: UUID
    grid_id: UUID
    grid_path: str
    patroller_id: UUID
    started_at: datetime
    ended_at: datetime
    finding_count: int
    source_ids: Annotated[tuple[UUID, ...], "The pollution sources visited."] = ()


@event("patrols", "finding.reported.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReported:
    """A patrol found something wrong."""

    finding_id: UUID
    patrol_id: UUID
    grid_id: UUID
    category: str
    description: Annotated[str, "What was found; personal numbers in it are masked."]
    address: Annotated[str, "Where, in words; personal numbers in it are masked."] = ""
    found_at: datetime
    longitude: float | None
    latitude: float | None
    reporter_id: UUID | None
    source_id: Annotated[UUID | None, "The pollution source concerned."] = None
