"""gRPC in and out: publishing, withdrawing, and what the public reads."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.disclosure.publications import usecases
from services.disclosure.publications.domain import PublicationKey, PublicationNotFound
from services.disclosure.publications.messages import publication_message
from services.disclosure.register.messages import id_from, item_message, moment_from
from services.disclosure.register.servicer import item_id_of
from services.disclosure.store import DisclosureTransaction
from shared.db.transaction import UnitOfWork
from shared.rpc import call, paging
from shared.rpc.fields import present, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc

PUBLIC_RULES: Rules = {
    "ListPublications": Rule.public(),
    "GetPublication": Rule.public(),
}


class PublishingMethods(pb_grpc.DisclosureServiceServicer):
    """Methods of the disclosure service that publish and withdraw."""

    _unit_of_work: UnitOfWork[DisclosureTransaction]
    _clock: Callable[[], datetime]

    def PublishItem(
        self, request: pb.PublishItemRequest, context: grpc.ServicerContext
    ) -> pb.PublishItemResponse:
        """Publish an approved draft."""
        item_id = item_id_of(request.item_id)

        def act(tx: DisclosureTransaction) -> pb.PublishItemResponse:
            item, publication = usecases.publish_item(
                tx,
                item_id,
                request.expected_version,
                publication_id=UUID(int=uuid7().int),
                now=self._clock(),
            )
            return pb.PublishItemResponse(
                item=item_message(item), publication=publication_message(publication)
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
                item=item_message(
                    usecases.withdraw_item(
                        tx, item_id, request.expected_version, reason, self._clock()
                    )
                )
            ),
        )


class PublicServicer(pb_grpc.PublicServiceServicer):
    """A county's publications over gRPC; the county is the one that the request names."""

    def __init__(self, unit_of_work: UnitOfWork[DisclosureTransaction]) -> None:
        self._unit_of_work = unit_of_work

    def ListPublications(
        self, request: pb.ListPublicationsRequest, context: grpc.ServicerContext
    ) -> pb.ListPublicationsResponse:
        """List a county's publications, newest first."""
        size = paging.size(request.page_size)
        after = _publication_key(request.page_token)
        with self._unit_of_work(call.current()) as tx:
            county, found = usecases.list_publications(tx, request.kind, after, size + 1)
        page = found[:size]
        last = page[-1:] if len(found) > size else []
        return pb.ListPublicationsResponse(
            publications=[publication_message(publication) for publication in page],
            next_page_token="".join(paging.encode(p.published_at, p.publication_id) for p in last),
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
        return pb.GetPublicationResponse(publication=publication_message(found))


def _publication_key(page_token: str) -> PublicationKey | None:
    key = paging.decode(page_token, 2)
    return None if key is None else (moment_from(key[0]), id_from(key[1]))
