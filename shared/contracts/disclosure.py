"""The events of disclosure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from shared.contracts.declare import event


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What both events say of a publication."""

    publication_id: UUID
    item_id: Annotated[UUID, "The entry of the register that was published."]
    kind: str
    published_at: datetime
    due_on: Annotated[
        date | None, "The last day in the county on which publishing was in time; null: no limit."
    ]


@event("disclosure", "publication.published.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPublished(Publication):
    """Something was published, or published anew."""


@event("disclosure", "publication.withdrawn.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationWithdrawn(Publication):
    """A publication was taken back."""
