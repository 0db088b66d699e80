"""The gRPC process: ``python -m services.patrols.serve_grpc``."""

from services.patrols.ledger.servicer import PatrolServicer
from services.patrols.store import make_transaction
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc.process import Mount, Parts, run
from shared.structure.peer import StructurePeer
from wangge.patrols.v1 import ledger_service_pb2 as pb
from wangge.patrols.v1 import ledger_service_pb2_grpc as pb_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work: UnitOfWork[Transaction] = UnitOfWork(parts.engine, make_transaction)
    structure = StructurePeer(parts.peer("grid"), unit_of_work)
    servicer = PatrolServicer(unit_of_work, structure, parts.clock)
    return [Mount.of("PatrolService", pb, pb_grpc, servicer)]


if __name__ == "__main__":
    run("patrols", build, peers=("grid",))
