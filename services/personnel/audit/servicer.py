"""The audit over gRPC."""

import grpc

from services.personnel.audit import usecases
from services.personnel.audit.domain import AuditFilter
from services.personnel.audit.messages import write_entry
from shared.db.transaction import Transaction, UnitOfWork
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_moment, optional_uuid
from wangge.personnel.v1 import accounts_service_pb2 as pb


class AuditServicer:
    """The audit over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction]) -> None:
        self._unit_of_work = unit_of_work

    def ListAudit(
        self, request: pb.ListAuditRequest, context: grpc.ServicerContext
    ) -> pb.ListAuditResponse:
        """List the audit, the newest first."""
        asked = PageRequest.of(request)
        wanted = AuditFilter(
            person_id=optional_uuid(request.person_id, "/person_id"),
            actor_id=optional_uuid(request.actor_id, "/actor_id"),
            action=request.action or None,
            since=optional_moment(request, "since"),
            until=optional_moment(request, "until"),
        )
        with self._unit_of_work(call.current()) as tx:
            entries = usecases.list_audit(tx, wanted, asked)
        return pb.ListAuditResponse(
            entries=[write_entry(entry) for entry in entries.items],
            next_page_token=entries.next_page_token,
        )
