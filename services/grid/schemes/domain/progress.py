"""How far a county's scheme is, against the day by which it is to be complete."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.grid.schemes.domain.versions import SchemeVersion


class SchemeState(StrEnum):
    """A scheme is a draft until a version holds; that one may be on trial."""

    DRAFT = "draft"
    TRIAL = "trial"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scheme is. What is not stated is None."""

    state: SchemeState
    in_force: SchemeVersion | None
    coming: SchemeVersion | None
    complete_by: date | None
    days_left: int | None

    @property
    def overdue(self) -> bool:
        """Whether the day has passed and the scheme is not active."""
        late = self.days_left is not None and self.days_left < 0
        return late and self.state is not SchemeState.ACTIVE


def progress(in_force: SchemeVersion | None, coming: SchemeVersion | None, day: date) -> Progress:
    """How far a scheme is on a day, by the version in force, or else the one to come."""
    source = in_force or coming
    stated = source.document["basis"]["complete_by"] if source else None
    complete_by = date.fromisoformat(stated) if stated else None
    return Progress(
        state=_state(in_force),
        in_force=in_force,
        coming=coming,
        complete_by=complete_by,
        days_left=(complete_by - day).days if complete_by else None,
    )


def _state(in_force: SchemeVersion | None) -> SchemeState:
    if in_force is None:
        return SchemeState.DRAFT
    return SchemeState.TRIAL if in_force.document["basis"]["trial"] else SchemeState.ACTIVE
