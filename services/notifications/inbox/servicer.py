"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc

from services.notifications.inbox import usecases
from services.notifications.inbox.domain import Notice, NoticeNotFound
from services.notifications.store import NotificationsTransaction
from shared.db.transaction import UnitOfWork
from shared.rpc import call, paging
from shared.rpc.fields import optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc
from wangge.notifications.v1 import notice_pb2

RULES: Rules = {
    "ListInbox": Rule(any_post=True),
    "ConfirmNotice": Rule(any_post=True),
}


class InboxServicer(pb_grpc.InboxServiceServicer):
    """The caller's own notices over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[NotificationsTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def ListInbox(
        self, request: pb.ListInboxRequest, context: grpc.ServicerContext
    ) -> pb.ListInboxResponse:
        """List the caller's notices, newest first."""
        size = paging.size(request.page_size)
        after = paging.decode_one(request.page_token, UUID)
        filters = {
            "unconfirmed_only": request.unconfirmed_only,
            "about_id": optional_uuid(request.about_id, "/about_id"),
        }
        with self._unit_of_work(call.current()) as tx:
            found = usecases.list_inbox(tx, filters, after, size + 1)
        page = found[:size]
        return pb.ListInboxResponse(
            notices=[_message(notice) for notice in page],
            next_page_token=paging.encode(page[-1].notice_id) if len(found) > size else "",
        )

    def ConfirmNotice(
        self, request: pb.ConfirmNoticeRequest, context: grpc.ServicerContext
    ) -> pb.ConfirmNoticeResponse:
        """Confirm that a notice was read."""
        notice_id: UUID = uuid_or(request.notice_id, NoticeNotFound(notice_id=request.notice_id))
        return once(
            self._unit_of_work,
            request,
            pb.ConfirmNoticeResponse,
            lambda tx: pb.ConfirmNoticeResponse(
                notice=_message(usecases.confirm_notice(tx, notice_id, self._clock()))
            ),
        )


def _message(notice: Notice) -> notice_pb2.Notice:
    return notice_pb2.Notice(
        county_id=call.current().county_id,
        notice_id=str(notice.notice_id),
        person_id=str(notice.person_id),
        title=notice.title,
        body=notice.body,
        about_type=notice.about_type,
        about_id=str(notice.about_id),
        rule_id=notice.rule_id,
        send_time=notice.sent_at,
        confirm_due_time=notice.confirm_due_at,
        confirm_time=notice.confirmed_at,
        version=notice.version,
    )
