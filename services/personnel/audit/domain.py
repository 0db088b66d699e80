"""The audit of acts on accounts and personal data, which is never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, about whom, when and why.

    ``actor_id`` is None where nobody had signed in. ``details`` name what was
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
    """An act of a use case, to be recorded with its time and its caller."""

    action: str
    person_id: UUID | None = None
    reason: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; a part that is None excludes nothing."""

    person_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
