"""The caller's own inbox."""

from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from wangge.notifications.v1 import inbox_service_pb2 as pb

rpc = rpcs("notifications", pb, "InboxService")


SECTION = Section(
    "inbox",
    Text("Inbox", "收件箱"),
    (
        Route(
            "GET",
            f"{COUNTY}/inbox",
            rpc("ListInbox"),
            Text("List the caller's notices, newest first", "列出本人通知"),
        ),
        Route(
            "POST",
            f"{COUNTY}/inbox/{{notice_id}}:confirm",
            rpc("ConfirmNotice"),
            Text("Confirm that a notice was read", "确认已读通知"),
            show="notice",
        ),
    ),
)
