"""Reading what was done to accounts and personal data."""

from uuid import UUID

from services.personnel.audit.domain import AuditEntry, AuditFilter
from services.personnel.audit.store import AuditStore
from services.personnel.posts.usecases.permissions import STAFF
from shared.db.transaction import Transaction


def list_audit(
    tx: Transaction, wanted: AuditFilter, before: UUID | None, limit: int
) -> list[AuditEntry]:
    """What was done in the county, the newest first. Raises PermissionDenied below the county."""
    tx.context.require_county(STAFF)
    return tx.store(AuditStore).page(wanted, before, limit)
