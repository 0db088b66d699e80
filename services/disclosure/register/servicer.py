"""gRPC in and out: reading the register."""

from uuid import UUID

import grpc

from services.disclosure.register import usecases
from services.disclosure.register.domain import ItemNotFound, RegisterItem, RegisterQuery
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import uuid_or
from shared.rpc.messages import writer
from shared.rpc.requests import reader
from shared.rpc.servicer import Servicer
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc
from wangge.disclosure.v1 import register_pb2

read_query = reader(pb.ListRegisterRequest, RegisterQuery)
write_item = writer(register_pb2.RegisterItem, RegisterItem, names={"arise_time": "arose_at"})


class RegisterMethods(Servicer, pb_grpc.DisclosureServiceServicer):
    """Methods of the disclosure service that read the register."""

    def ListRegister(
        self, request: pb.ListRegisterRequest, context: grpc.ServicerContext
    ) -> pb.ListRegisterResponse:
        """List the register, the earliest due first."""
        wanted, asked = read_query(request), PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = usecases.list_register(tx, wanted, asked)
        return pb.ListRegisterResponse(
            items=map(write_item, page.items), next_page_token=page.next_page_token
        )

    def GetRegisterItem(
        self, request: pb.GetRegisterItemRequest, context: grpc.ServicerContext
    ) -> pb.GetRegisterItemResponse:
        """Return one item with its draft."""
        item_id = item_id_of(request.item_id)
        with self._unit_of_work(call.current()) as tx:
            return pb.GetRegisterItemResponse(item=write_item(usecases.get_item(tx, item_id)))


def item_id_of(text: str) -> UUID:
    """The id of an item. Raises ItemNotFound for what is none."""
    return uuid_or(text, ItemNotFound(item_id=text))
