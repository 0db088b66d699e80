"""The audit as messages."""

import orjson

from services.personnel.audit.domain import AuditEntry
from wangge.personnel.v1 import audit_pb2


def audit_message(county_id: str, entry: AuditEntry) -> audit_pb2.AuditEntry:
    """An entry of the audit."""
    return audit_pb2.AuditEntry(
        county_id=county_id,
        entry_id=str(entry.entry_id),
        at=entry.at,
        actor_id=str(entry.actor_id or ""),
        actor_roles=entry.actor_roles,
        action=entry.action,
        person_id=str(entry.person_id or ""),
        reason=entry.reason or "",
        details_json=orjson.dumps(entry.details).decode(),
        correlation_id=entry.correlation_id,
    )
