"""gRPC in and out: reading the register."""

from uuid import UUID

import grpc

from services.disclosure.register import usecases
from services.disclosure.register.domain import ItemNotFound, RegisterKey
from services.disclosure.register.messages import id_from, item_message, moment_from, state_from
from services.disclosure.store import DisclosureTransaction
from shared.db.transaction import UnitOfWork
from shared.rpc import call, paging
from shared.rpc.fields import optional_uuid, uuid_or
from shared.rpc.rules import Rule, Rules
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc

RULES: Rules = {
    "ListRegister": Rule.needs("read"),
    "GetRegisterItem": Rule.needs("read"),
    "SubmitItem": Rule.needs("publish"),
    "ApproveItem": Rule.needs("review"),
    # Either of two capabilities will do; the use case asks for them.
    "PublishItem": Rule(any_post=True),
    "WithdrawItem": Rule(any_post=True),
}


class RegisterMethods(pb_grpc.DisclosureServiceServicer):
    """Methods of the disclosure service that read the register."""

    _unit_of_work: UnitOfWork[DisclosureTransaction]

    def ListRegister(
        self, request: pb.ListRegisterRequest, context: grpc.ServicerContext
    ) -> pb.ListRegisterResponse:
        """List the register, the earliest due first."""
        size = paging.size(request.page_size)
        after = _register_key(request.page_token)
        state = state_from(request.state)
        about_id = optional_uuid(request.about_id, "/about_id")
        with self._unit_of_work(call.current()) as tx:
            found = usecases.list_register(tx, state, about_id, after, size + 1)
        page = found[:size]
        return pb.ListRegisterResponse(
            items=[item_message(item) for item in page],
            next_page_token=(
                paging.encode(page[-1].due_at, page[-1].item_id) if len(found) > size else ""
            ),
        )

    def GetRegisterItem(
        self, request: pb.GetRegisterItemRequest, context: grpc.ServicerContext
    ) -> pb.GetRegisterItemResponse:
        """Return one item with its draft."""
        item_id = item_id_of(request.item_id)
        with self._unit_of_work(call.current()) as tx:
            return pb.GetRegisterItemResponse(item=item_message(usecases.get_item(tx, item_id)))


def item_id_of(text: str) -> UUID:
    """The id of an item. Raises ItemNotFound for what is none."""
    return uuid_or(text, ItemNotFound(item_id=text))


def _register_key(page_token: str) -> RegisterKey | None:
    key = paging.decode(page_token, 2)
    if key is None:
        return None
    due_at, item_id = key
    return None if due_at is None else moment_from(due_at), id_from(item_id)
