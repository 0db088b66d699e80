"""The caller's own inbox."""

from gateway.fields import Body, Id, Paged, QueryFlag
from gateway.routing import COUNTY, Route, Section, rpcs
from shared.errors import Text
from shared.rpc.rules import Rule
from wangge.notifications.v1 import inbox_service_pb2 as pb

rpc = rpcs("notifications", pb, "InboxService")


class InboxFilter(Paged):
    """Which notices are wanted."""

    unconfirmed_only = QueryFlag()
    about_id = Id()


class Confirmation(Body):
    """Nothing to say but that it was read."""


SECTION = Section(
    "inbox",
    Text("Inbox", "收件箱"),
    (
        Route(
            "GET",
            f"{COUNTY}/inbox",
            rpc("ListInbox"),
            Rule(any_post=True),
            Text("List the caller's notices, newest first", "列出本人通知"),
            query=InboxFilter,
        ),
        Route(
            "POST",
            f"{COUNTY}/inbox/{{notice_id}}:confirm",
            rpc("ConfirmNotice"),
            Rule(any_post=True),
            Text("Confirm that a notice was read", "确认已读通知"),
            body=Confirmation,
            show="notice",
        ),
    ),
)
