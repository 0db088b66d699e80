"""The events of personnel. Personal data travels in ``contact.changed.v1`` alone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from shared.contracts.declare import event


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """A post as it stands now."""

    post_id: UUID
    person_id: UUID
    role_type: str
    role_kind: str
    capabilities: tuple[str, ...]
    grid_id: UUID | None
    grid_path: str | None
    department_id: str | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Who answers for a post while its holder is away, and when; each post has its own event."""

    leave_id: UUID
    post_id: UUID
    person_id: UUID
    stand_in_id: Annotated[UUID | None, "Null: nobody."]
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyFacts:
    """A vacancy as it stands now."""

    vacancy_id: UUID
    role_type: str
    role_kind: str
    grid_id: UUID | None
    grid_path: str | None
    department_id: str | None
    required: int
    holders: int
    since: datetime
    until: datetime | None


@event("personnel", "post.assigned.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostAssigned(PostFacts):
    """A person was appointed to a post."""


@event("personnel", "post.ended.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostEnded(PostFacts):
    """A post was given an end."""


@event("personnel", "post.handed-over.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostHandedOver:
    """A post went from one holder to another."""

    from_post_id: UUID
    from_person_id: UUID
    to_post_id: UUID
    to_person_id: UUID
    role_type: str
    role_kind: str
    grid_id: UUID | None
    grid_path: str | None
    department_id: str | None
    at: datetime


@event("personnel", "post.vacated.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostVacated(VacancyFacts):
    """A post that must be held has fewer holders than it needs."""


@event("personnel", "post.filled.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilled(VacancyFacts):
    """A vacancy ended."""


@event("personnel", "leave.recorded.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRecorded(Absence):
    """The holder of a post will be away."""


@event("personnel", "leave.ended.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveEnded(Absence):
    """The holder of a post is back, or was never away."""


@event("personnel", "contact.changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged:
    """How a person can be reached: the one event with personal data, for notifications alone."""

    person_id: UUID
    display_name: str
    phone: str | None
    email: str | None


@event("personnel", "pledge.signed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeSigned:
    """A letter of responsibility was signed for one of its sides."""

    round_id: UUID
    letter_id: UUID
    grid_id: UUID
    grid_path: str
    upper_grid_id: UUID | None
    side: Annotated[str, "lower or upper"]
    person_id: UUID
    post_id: UUID
    signed_at: datetime
    complete: Annotated[bool, "Whether both sides have signed."]


@event("personnel", "certificate.changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChanged:
    """A certificate as it stands now."""

    certificate_id: UUID
    person_id: UUID
    kind: str
    valid_from: date
    valid_until: Annotated[date | None, "Null: without an end."]
    state: Annotated[str, "valid, expired, suspended or revoked"]


POSTS = (PostAssigned, PostEnded, PostHandedOver, LeaveRecorded, LeaveEnded)
"""The events that say who holds a post, and who stands in for a holder who is away."""
