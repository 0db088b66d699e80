"""The audit in PostgreSQL. Rows never leave this file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.personnel.audit.domain import Act, AuditEntry, AuditFilter
from services.personnel.audit.models import AuditEntryRow
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.ids import new_id


class AuditStore:
    """One county's audit, written in the caller's name."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._context = tx.context
        self._audit_entry_table = ScopedTable(tx, AuditEntryRow)

    def add(self, act: Act, now: datetime) -> None:
        """Write an act down in the transaction at hand, so that it stands exactly when the act does."""
        self._audit_entry_table.insert(
            {
                "entry_id": new_id(),
                "at": now,
                "actor_id": self._context.actor_id,
                "actor_roles": sorted(self._context.roles),
                "action": act.action,
                "person_id": act.person_id,
                "reason": act.reason,
                "details": dict(act.details),
                "correlation_id": self._context.correlation_id,
            }
        )

    def page(self, wanted: AuditFilter, before: UUID | None, limit: int) -> list[AuditEntry]:
        """Entries, the newest first."""
        query = self._audit_entry_table.select()
        for name in ("person_id", "actor_id", "action"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(AuditEntryRow, name) == value)
        if wanted.since is not None:
            query = query.where(AuditEntryRow.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntryRow.at < wanted.until)
        if before is not None:
            query = query.where(AuditEntryRow.entry_id < before)
        rows = self._connection.execute(query.order_by(AuditEntryRow.entry_id.desc()).limit(limit))
        return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__slots__})
