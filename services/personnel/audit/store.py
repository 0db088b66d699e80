"""The audit in PostgreSQL. Rows never leave this file."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.personnel.audit.domain import Act, AuditEntry, AuditFilter
from services.personnel.audit.models import AuditEntryRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.paging import Page, PageRequest

NEWEST = SortKey(AuditEntryRow.entry_id, descending=True)


class AuditStore:
    """One county's audit, written in the caller's name."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._context = tx.context
        self._audit_entry_table = ScopedTable(tx, AuditEntryRow)

    def add(self, act: Act, now: datetime) -> None:
        """Record an act in the same transaction, so that it is on record exactly when it was done."""
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

    def page(self, wanted: AuditFilter, asked: PageRequest) -> Page[AuditEntry]:
        """Entries, the newest first."""
        query = self._audit_entry_table.select()
        for name in ("person_id", "actor_id", "action"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(AuditEntryRow, name) == value)
        if wanted.since is not None:
            query = query.where(AuditEntryRow.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntryRow.at < wanted.until)
        return self._audit_entry_table.page(query, NEWEST, asked).map(_entry)


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__slots__})
