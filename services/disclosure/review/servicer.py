"""gRPC in and out: drafts and their approval."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import grpc

from services.disclosure.register.servicer import item_id_of, write_item
from services.disclosure.review import usecases
from services.disclosure.review.cases_peer import CasesPeer
from services.disclosure.review.domain import SourceWords
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc import call
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.disclosure.v1 import disclosure_service_pb2 as pb
from wangge.disclosure.v1 import disclosure_service_pb2_grpc as pb_grpc


class ReviewMethods(Servicer, pb_grpc.DisclosureServiceServicer):
    """Methods of the disclosure service that make and approve drafts."""

    def __init__(
        self,
        unit_of_work: UnitOfWork[Transaction],
        clock: Callable[[], datetime],
        cases: CasesPeer,
    ) -> None:
        super().__init__(unit_of_work, clock)
        self._cases = cases

    def SubmitItem(
        self, request: pb.SubmitItemRequest, context: grpc.ServicerContext
    ) -> pb.SubmitItemResponse:
        """Draft an item, with personal data masked."""
        item_id = item_id_of(request.item_id)
        source = self._source(request, item_id)
        return once(
            self._unit_of_work,
            request,
            pb.SubmitItemResponse,
            lambda tx: pb.SubmitItemResponse(
                item=write_item(
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
        item_id = item_id_of(request.item_id)
        return once(
            self._unit_of_work,
            request,
            pb.ApproveItemResponse,
            lambda tx: pb.ApproveItemResponse(
                item=write_item(usecases.approve_item(tx, item_id, request.expected_version))
            ),
        )

    def _source(self, request: pb.SubmitItemRequest, item_id: UUID) -> SourceWords | None:
        """The case's words where they are needed; cases is called outside of any transaction."""
        if request.title.strip() and request.body.strip():
            return None
        with self._unit_of_work(call.current()) as tx:
            case = usecases.case_to_draft_from(tx, item_id, request.mask_words)
        if case is None:
            return None
        return self._cases.words_of(case.case_id) if case.words is None else case.words
