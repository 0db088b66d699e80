"""gRPC in and out of what anyone may read, without an account."""

import grpc

from services.disclosure import usecases
from services.disclosure.domain import PublicationKey, PublicationNotFound
from services.disclosure.messages import id_from, moment_from, publication_message
from services.disclosure.store import DisclosureTransaction
from shared.db.transaction import UnitOfWork
from shared.rpc import call, paging
from shared.rpc.fields import uuid_or
from shared.rpc.rules import Rule, Rules
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc

RULES: Rules = {
    "ListPublications": Rule.public(),
    "GetPublication": Rule.public(),
}


class PublicServicer(pb_grpc.PublicServiceServicer):
    """A county's publications over gRPC; the county is the one that the request names."""

    def __init__(self, unit_of_work: UnitOfWork[DisclosureTransaction]) -> None:
        self._unit_of_work = unit_of_work

    def ListPublications(
        self, request: pb.ListPublicationsRequest, context: grpc.ServicerContext
    ) -> pb.ListPublicationsResponse:
        """List a county's publications, newest first."""
        size = paging.size(request.page_size)
        after = _key_from(request.page_token)
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


def _key_from(page_token: str) -> PublicationKey | None:
    key = paging.decode(page_token, 2)
    return None if key is None else (moment_from(key[0]), id_from(key[1]))
