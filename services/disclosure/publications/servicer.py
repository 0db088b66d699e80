"""gRPC in and out: publishing, withdrawing, and what the public reads."""

import grpc

from services.disclosure.publications import usecases
from services.disclosure.publications.domain import Publication, PublicationNotFound
from services.disclosure.register.servicer import item_id_of, write_item
from shared.db.transaction import Transaction, UnitOfWork
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.servicer import Servicer
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc
from wangge.disclosure.v1 import publications_pb2

write_publication = writer(
    publications_pb2.Publication, Publication, names={"withdraw_time": "withdrawn_at"}
)


class PublishingMethods(Servicer, pb_grpc.DisclosureServiceServicer):
    """Methods of the disclosure service that publish and withdraw."""

    def PublishItem(
        self, request: pb.PublishItemRequest, context: grpc.ServicerContext
    ) -> pb.PublishItemResponse:
        """Publish an approved draft."""
        item_id = item_id_of(request.item_id)

        def act(tx: Transaction) -> pb.PublishItemResponse:
            item, publication = usecases.publish_item(
                tx,
                item_id,
                request.expected_version,
                self._clock(),
            )
            return pb.PublishItemResponse(
                item=write_item(item), publication=write_publication(publication)
            )

        return once(self._unit_of_work, request, pb.PublishItemResponse, act)

    def WithdrawItem(
        self, request: pb.WithdrawItemRequest, context: grpc.ServicerContext
    ) -> pb.WithdrawItemResponse:
        """Withdraw a publication, with the reason."""
        item_id = item_id_of(request.item_id)
        reason = present(request.reason.strip(), "/reason")
        return once(
            self._unit_of_work,
            request,
            pb.WithdrawItemResponse,
            lambda tx: pb.WithdrawItemResponse(
                item=write_item(
                    usecases.withdraw_item(
                        tx, item_id, request.expected_version, reason, self._clock()
                    )
                )
            ),
        )


class PublicServicer(pb_grpc.PublicServiceServicer):
    """A county's publications over gRPC; the county is the one that the request names."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction]) -> None:
        self._unit_of_work = unit_of_work

    def ListPublications(
        self, request: pb.ListPublicationsRequest, context: grpc.ServicerContext
    ) -> pb.ListPublicationsResponse:
        """List a county's publications, newest first."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            county, page = usecases.list_publications(tx, request.kind, asked)
        return pb.ListPublicationsResponse(
            publications=map(write_publication, page.items),
            next_page_token=page.next_page_token,
            county_name=county,
        )

    def GetPublication(
        self, request: pb.GetPublicationRequest, context: grpc.ServicerContext
    ) -> pb.GetPublicationResponse:
        """Return one publication."""
        publication_id = uuid_or(
            request.publication_id, PublicationNotFound(publication_id=request.publication_id)
        )
        with self._unit_of_work(call.current()) as tx:
            found = usecases.get_publication(tx, publication_id)
        return pb.GetPublicationResponse(publication=write_publication(found))
