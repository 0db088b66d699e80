"""The gRPC process: ``python -m services.assessment.serve_grpc``."""

from services.assessment.indicators.servicer import AssessmentServicer
from services.assessment.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.assessment.v1 import indicators_service_pb2 as pb
from wangge.assessment.v1 import indicators_service_pb2_grpc as pb_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    servicer = AssessmentServicer(UnitOfWork(parts.engine, make_transaction), parts.clock)
    return [Mount.of("AssessmentService", pb, pb_grpc, servicer)]


if __name__ == "__main__":
    run("assessment", build)
