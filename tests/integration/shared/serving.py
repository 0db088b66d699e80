"""A service made for tests: the inbox's methods, doing what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import grpc

from shared.rpc.interceptor import Method
from shared.rpc.process import Mount, Parts
from shared.rpc.rules import AccessRule
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


@dataclass(frozen=True)
class Ruled(Mount):
    """A mount whose methods are open to whom a test says, rather than to whom the proto does."""

    rule: AccessRule

    def methods(self) -> dict[str, Method]:
        """See :class:`Mount`."""
        return {name: replace(method, rule=self.rule) for name, method in super().methods().items()}


def mounting(answer: Callable[..., Any], rule: AccessRule) -> Callable[[Parts], list[Mount]]:
    """A composition root with one method under ``rule``; ``answer`` gets request and context."""

    def build(_parts: Parts) -> list[Mount]:
        return [
            Ruled(
                add=pb_grpc.add_InboxServiceServicer_to_server,
                servicer=Answering(answer),
                descriptor=pb.DESCRIPTOR.services_by_name["InboxService"],
                rule=rule,
            )
        ]

    return build
