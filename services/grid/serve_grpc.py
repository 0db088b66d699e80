"""The gRPC process: ``python -m services.grid.serve_grpc``."""

from services.grid import grid_change_servicer
from services.grid.grid_change_servicer import GridChangeServicer
from services.grid.place_servicer import PLACE_RULES, PlaceServicer
from services.grid.rule_servicer import RULES as RULE_RULES
from services.grid.rule_servicer import RuleServicer
from services.grid.scheme_servicer import RULES as SCHEME_RULES
from services.grid.scheme_servicer import SchemeServicer
from services.grid.servicer import RULES, GridServicer
from services.grid.source_file_servicer import RULES as FILE_RULES
from services.grid.source_file_servicer import SourceFileServicer
from services.grid.source_servicer import RULES as SOURCE_RULES
from services.grid.source_servicer import SourceServicer
from services.grid.store import make_transaction
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.grid.v1 import grid_change_service_pb2 as changes_pb
from wangge.grid.v1 import grid_change_service_pb2_grpc as changes_pb_grpc
from wangge.grid.v1 import grid_service_pb2 as pb
from wangge.grid.v1 import grid_service_pb2_grpc as pb_grpc
from wangge.grid.v1 import place_service_pb2 as place_pb
from wangge.grid.v1 import place_service_pb2_grpc as place_grpc
from wangge.grid.v1 import rule_service_pb2 as rule_pb
from wangge.grid.v1 import rule_service_pb2_grpc as rule_grpc
from wangge.grid.v1 import scheme_service_pb2 as scheme_pb
from wangge.grid.v1 import scheme_service_pb2_grpc as scheme_grpc
from wangge.grid.v1 import source_file_service_pb2 as file_pb
from wangge.grid.v1 import source_file_service_pb2_grpc as file_grpc
from wangge.grid.v1 import source_service_pb2 as source_pb
from wangge.grid.v1 import source_service_pb2_grpc as source_grpc


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
            add=scheme_grpc.add_SchemeServiceServicer_to_server,
            servicer=SchemeServicer(unit_of_work, parts.clock),
            descriptor=scheme_pb.DESCRIPTOR.services_by_name["SchemeService"],
            rules=SCHEME_RULES,
        ),
        Mount(
            add=rule_grpc.add_RuleServiceServicer_to_server,
            servicer=RuleServicer(unit_of_work, parts.clock),
            descriptor=rule_pb.DESCRIPTOR.services_by_name["RuleService"],
            rules=RULE_RULES,
        ),
        Mount(
            add=place_grpc.add_PlaceServiceServicer_to_server,
            servicer=PlaceServicer(unit_of_work, parts.clock),
            descriptor=place_pb.DESCRIPTOR.services_by_name["PlaceService"],
            rules=PLACE_RULES,
        ),
        Mount(
            add=source_grpc.add_SourceServiceServicer_to_server,
            servicer=SourceServicer(unit_of_work, parts.clock),
            descriptor=source_pb.DESCRIPTOR.services_by_name["SourceService"],
            rules=SOURCE_RULES,
        ),
        Mount(
            add=file_grpc.add_SourceFileServiceServicer_to_server,
            servicer=SourceFileServicer(unit_of_work, parts.clock),
            descriptor=file_pb.DESCRIPTOR.services_by_name["SourceFileService"],
            rules=FILE_RULES,
        ),
        Mount(
            add=changes_pb_grpc.add_GridChangeServiceServicer_to_server,
            servicer=GridChangeServicer(unit_of_work, parts.clock),
            descriptor=changes_pb.DESCRIPTOR.services_by_name["GridChangeService"],
            rules=grid_change_servicer.RULES,
        ),
    ]


if __name__ == "__main__":
    run("grid", build)
