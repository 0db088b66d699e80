"""A case's history: entries are only ever added, each sealed with the hash of the one before it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from services.cases.life.domain.case import Case, HistoryHead, State

NO_ENTRY_YET = HistoryHead(0, "0" * 64)
"""The head of a history without entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who did what to a case. ``facts`` holds what the step set, such as the department asked."""

    action: str
    actor_id: UUID | None
    at: datetime
    from_state: State | None
    to_state: State
    note: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """An act at its place in the history of one case."""

    county_id: str
    case_id: UUID
    sequence: int
    act: Act
    previous_hash: str
    entry_hash: str

    @property
    def head(self) -> HistoryHead:
        """The head of a history that ends with this entry."""
        return HistoryHead(self.sequence, self.entry_hash)


def following(county_id: str, case_id: UUID, head: HistoryHead, act: Act) -> HistoryEntry:
    """The entry that comes after ``head``."""
    sequence = head.length + 1
    return HistoryEntry(
        county_id=county_id,
        case_id=case_id,
        sequence=sequence,
        act=act,
        previous_hash=head.entry_hash,
        entry_hash=_hash(county_id, case_id, sequence, act, head.entry_hash),
    )


def is_whole(case: Case, entries: Sequence[HistoryEntry]) -> bool:
    """Whether the entries, oldest first, are all there and as they were written.

    They must follow one another from the first on, end where the case says they end, and lead to
    the state it is in.
    """
    head = NO_ENTRY_YET
    for entry in entries:
        if following(case.county_id, case.case_id, head, entry.act) != entry:
            return False
        head = entry.head
    return head == case.head and bool(entries) and entries[-1].act.to_state is case.state


def _hash(county_id: str, case_id: UUID, sequence: int, act: Act, previous_hash: str) -> str:
    content = {
        "county_id": county_id,
        "case_id": str(case_id),
        "sequence": sequence,
        "time": act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": None if act.actor_id is None else str(act.actor_id),
        "action": act.action,
        "from_state": act.from_state,
        "to_state": act.to_state,
        "note": act.note,
        "facts": dict(act.facts),
        "previous_hash": previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
