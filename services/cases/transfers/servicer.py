"""gRPC in and out: offers of a case to a department, and their answers."""

import grpc

from services.cases.life.servicer import CaseSteps
from services.cases.transfers import usecases
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc


class TransferMethods(CaseSteps, pb_grpc.CaseServiceServicer):
    """Methods of the case service about transfers."""

    def TransferCase(
        self, request: pb.TransferCaseRequest, context: grpc.ServicerContext
    ) -> pb.TransferCaseResponse:
        """Offer the case to a department."""
        return self.step(
            request,
            pb.TransferCaseResponse,
            lambda tx, change: usecases.transfer(
                tx, change, request.to_department_id, request.reason
            ),
        )

    def AcknowledgeCase(
        self, request: pb.AcknowledgeCaseRequest, context: grpc.ServicerContext
    ) -> pb.AcknowledgeCaseResponse:
        """Take over a case that was offered."""
        return self.step(
            request,
            pb.AcknowledgeCaseResponse,
            lambda tx, change: usecases.accept(tx, change, request.note),
        )

    def DeclineCase(
        self, request: pb.DeclineCaseRequest, context: grpc.ServicerContext
    ) -> pb.DeclineCaseResponse:
        """Give an offered case back."""
        return self.step(
            request,
            pb.DeclineCaseResponse,
            lambda tx, change: usecases.decline(tx, change, request.reason),
        )
