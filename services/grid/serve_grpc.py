"""The gRPC process: ``python -m services.grid.serve_grpc``."""

from services.grid.place_servicer import PLACE_RULES, PlaceServicer
from services.grid.servicer import RULES, GridServicer
from services.grid.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.grid.v1 import grid_service_pb2 as pb
from wangge.grid.v1 import grid_service_pb2_grpc as pb_grpc
from wangge.grid.v1 import place_service_pb2 as place_pb
from wangge.grid.v1 import place_service_pb2_grpc as place_grpc


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work = UnitOfWork(parts.engine, make_transaction)
    return [
        Mount(
            add=pb_grpc.add_GridServiceServicer_to_server,
            servicer=GridServicer(unit_of_work, parts.clock),
            descriptor=pb.DESCRIPTOR.services_by_name["GridService"],
            rules=RULES,
        ),
        Mount(
            add=place_grpc.add_PlaceServiceServicer_to_server,
            servicer=PlaceServicer(unit_of_work, parts.clock),
            descriptor=place_pb.DESCRIPTOR.services_by_name["PlaceService"],
            rules=PLACE_RULES,
        ),
    ]


if __name__ == "__main__":
    run("grid", build)
