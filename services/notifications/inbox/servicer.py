"""gRPC in and out: messages to domain objects and back, nothing else."""

import grpc

from services.notifications.inbox import usecases
from services.notifications.inbox.domain import InboxFilter, Notice, NoticeNotFound
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.requests import reader
from shared.rpc.servicer import Servicer
from wangge.notifications.v1 import inbox_pb2
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc

read_filter = reader(pb.ListInboxRequest, InboxFilter)
write_notice = writer(
    inbox_pb2.Notice, Notice, names={"send_time": "sent_at", "confirm_due_time": "confirm_due_at"}
)


class InboxServicer(Servicer, pb_grpc.InboxServiceServicer):
    """The caller's own notices over gRPC."""

    def ListInbox(
        self, request: pb.ListInboxRequest, context: grpc.ServicerContext
    ) -> pb.ListInboxResponse:
        """List the caller's notices, newest first."""
        wanted, asked = read_filter(request), PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = usecases.list_inbox(tx, wanted, asked)
        return pb.ListInboxResponse(
            notices=map(write_notice, page.items), next_page_token=page.next_page_token
        )

    def ConfirmNotice(
        self, request: pb.ConfirmNoticeRequest, context: grpc.ServicerContext
    ) -> pb.ConfirmNoticeResponse:
        """Confirm that a notice was read."""
        notice_id = uuid_or(request.notice_id, NoticeNotFound(notice_id=request.notice_id))
        return once(
            self._unit_of_work,
            request,
            pb.ConfirmNoticeResponse,
            lambda tx: pb.ConfirmNoticeResponse(
                notice=write_notice(usecases.confirm_notice(tx, notice_id, self._clock()))
            ),
        )
