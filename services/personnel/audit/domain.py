"""What is written down of acts upon accounts and personal data, and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, about whom, when and why.

    ``actor_id`` is None where somebody acted who had not signed in. ``details`` name what was
    touched and never hold personal data.
    """

    entry_id: UUID
    at: datetime
    actor_id: UUID | None
    actor_roles: Sequence[str]
    action: str
    person_id: UUID | None
    reason: str | None
    details: Mapping[str, object]
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a use case has done, to be written down with its time and its caller."""

    action: str
    person_id: UUID | None = None
    reason: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is None does not narrow."""

    person_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
