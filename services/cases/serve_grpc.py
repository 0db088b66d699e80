"""The gRPC process: ``python -m services.cases.serve_grpc``."""

from services.cases.life.servicer import LifeMethods
from services.cases.store import make_transaction
from services.cases.transfers.servicer import TransferMethods
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.cases.v1 import case_service_pb2 as pb
from wangge.cases.v1 import case_service_pb2_grpc as pb_grpc


class CaseServicer(LifeMethods, TransferMethods):
    """The case service over gRPC, put together from its subjects' methods."""


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    servicer = CaseServicer(UnitOfWork(parts.engine, make_transaction), parts.clock)
    return [Mount.of("CaseService", pb, pb_grpc, servicer)]


if __name__ == "__main__":
    run("cases", build)
