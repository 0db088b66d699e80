"""Reading what was done to accounts and personal data."""

from services.personnel.audit.domain import AuditEntry, AuditFilter
from services.personnel.audit.store import AuditStore
from services.personnel.posts.usecases.permissions import STAFF
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest


def list_audit(tx: Transaction, wanted: AuditFilter, asked: PageRequest) -> Page[AuditEntry]:
    """What was done in the county, the newest first. Raises PermissionDenied below the county."""
    tx.context.require_county(STAFF)
    return tx.store(AuditStore).page(wanted, asked)
