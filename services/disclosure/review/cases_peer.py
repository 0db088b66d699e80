"""What disclosure asks of cases: the written result, with the caller's own rights."""

from uuid import UUID

import grpc

from services.disclosure.review.domain import SourceWords
from shared.rpc import call
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc


class CasesPeer:
    """A client of cases for use while a call is answered. Errors of cases go on to the caller."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = pb_grpc.CaseServiceStub(channel)

    def words_of(self, case_id: UUID) -> SourceWords:
        """The case's number and result. Nothing else is taken over: it could name people."""
        request = pb.GetCaseRequest(county_id=call.current().county_id, case_id=str(case_id))
        case = self._stub.GetCase(request).case
        return SourceWords(number=case.number, result=case.result)
