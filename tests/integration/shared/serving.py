"""A service made for tests: the inbox's methods, doing what a test says."""

from collections.abc import Callable
from typing import Any

import grpc

from shared.rpc.process import Mount, Parts
from shared.rpc.rules import Rule
from wangge.notifications.v1 import inbox_service_pb2 as pb
from wangge.notifications.v1 import inbox_service_pb2_grpc as pb_grpc

Answer = Callable[[pb.ListInboxRequest, grpc.ServicerContext], Any]


class Answering(pb_grpc.InboxServiceServicer):
    """Answers ListInbox by what it is given."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def ListInbox(self, request: pb.ListInboxRequest, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Do what the test says."""
        return self._answer(request, context) or pb.ListInboxResponse()


def mounting(answer: Callable[..., Any], rule: Rule) -> Callable[[Parts], list[Mount]]:
    """A composition root with one method under ``rule``; ``answer`` gets request and context."""

    def build(_parts: Parts) -> list[Mount]:
        return [
            Mount(
                add=pb_grpc.add_InboxServiceServicer_to_server,
                servicer=Answering(answer),
                descriptor=pb.DESCRIPTOR.services_by_name["InboxService"],
                rules={"ListInbox": rule, "ConfirmNotice": rule},
            )
        ]

    return build
