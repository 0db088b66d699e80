"""The audit as messages."""

from services.personnel.audit.domain import AuditEntry
from shared.rpc.messages import writer
from wangge.personnel.v1 import audit_pb2

write_entry = writer(audit_pb2.AuditEntry, AuditEntry)
