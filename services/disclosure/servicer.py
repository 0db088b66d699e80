"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc
from uuid6 import uuid7

from services.disclosure import usecases
from services.disclosure.cases_peer import CasesPeer
from services.disclosure.domain import (
    ItemNotFound,
    PublicationKey,
    PublicationNotFound,
    RegisterKey,
    SourceWords,
)
from services.disclosure.messages import (
    id_from,
    item_message,
    moment_from,
    publication_message,
    state_from,
)
from services.disclosure.store import DisclosureTransaction
from shared.db.transaction import UnitOfWork
from shared.rpc import call, paging
from shared.rpc.fields import optional_uuid, present, uuid_or
from shared.rpc.idempotency import once
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
PUBLIC_RULES: Rules = {
    "ListPublications": Rule.public(),
    "GetPublication": Rule.public(),
}


class DisclosureServicer(pb_grpc.DisclosureServiceServicer):
    """The disclosure register over gRPC."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[DisclosureTransaction],
        cases: CasesPeer,
        clock: Callable[[], datetime],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._cases = cases
        self._clock = clock

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
        item_id = _item_id(request.item_id)
        with self._unit_of_work(call.current()) as tx:
            return pb.GetRegisterItemResponse(item=item_message(usecases.get_item(tx, item_id)))

    def SubmitItem(
        self, request: pb.SubmitItemRequest, context: grpc.ServicerContext
    ) -> pb.SubmitItemResponse:
        """Draft an item, with personal data masked."""
        item_id = _item_id(request.item_id)
        source = self._source(request, item_id)
        return once(
            self._unit_of_work,
            request,
            pb.SubmitItemResponse,
            lambda tx: pb.SubmitItemResponse(
                item=item_message(
                    usecases.submit_item(
                        tx,
                        item_id,
                        request.expected_version,
                        given=(request.title, request.body),
                        source=source,
                        mask_words=request.mask_words,
                        now=self._clock(),
                    )
                )
            ),
        )

    def ApproveItem(
        self, request: pb.ApproveItemRequest, context: grpc.ServicerContext
    ) -> pb.ApproveItemResponse:
        """Approve a draft."""
        item_id = _item_id(request.item_id)
        return once(
            self._unit_of_work,
            request,
            pb.ApproveItemResponse,
            lambda tx: pb.ApproveItemResponse(
                item=item_message(usecases.approve_item(tx, item_id, request.expected_version))
            ),
        )

    def PublishItem(
        self, request: pb.PublishItemRequest, context: grpc.ServicerContext
    ) -> pb.PublishItemResponse:
        """Publish an approved draft."""
        item_id = _item_id(request.item_id)

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
        item_id = _item_id(request.item_id)
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

    def _source(self, request: pb.SubmitItemRequest, item_id: UUID) -> SourceWords | None:
        """The source's own words where some are needed; asked outside of any transaction."""
        if request.title.strip() and request.body.strip():
            return None
        with self._unit_of_work(call.current()) as tx:
            case_id = usecases.case_to_draft_from(tx, item_id)
        return None if case_id is None else self._cases.words_of(case_id)


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


def _item_id(text: str) -> UUID:
    return uuid_or(text, ItemNotFound(item_id=text))


def _register_key(page_token: str) -> RegisterKey | None:
    key = paging.decode(page_token, 2)
    if key is None:
        return None
    due_at, item_id = key
    return None if due_at is None else moment_from(due_at), id_from(item_id)


def _publication_key(page_token: str) -> PublicationKey | None:
    key = paging.decode(page_token, 2)
    return None if key is None else (moment_from(key[0]), id_from(key[1]))
