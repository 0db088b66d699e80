"""The gRPC process: ``python -m services.grid.serve_grpc``."""

from services.grid.servicer import RULES, GridServicer
from services.grid.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.grid.v1 import grid_service_pb2 as pb
from wangge.grid.v1 import grid_service_pb2_grpc as pb_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    servicer = GridServicer(UnitOfWork(parts.engine, make_transaction), parts.clock)
    return [
        Mount(
            add=pb_grpc.add_GridServiceServicer_to_server,
            servicer=servicer,
            descriptor=pb.DESCRIPTOR.services_by_name["GridService"],
            rules=RULES,
        )
    ]


if __name__ == "__main__":
    run("grid", build)
