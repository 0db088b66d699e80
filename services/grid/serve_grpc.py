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
        Mount.of("GridService", pb, pb_grpc, GridServicer(unit_of_work, parts.clock), RULES),
        Mount.of(
            "SchemeService",
            scheme_pb,
            scheme_grpc,
            SchemeServicer(unit_of_work, parts.clock),
            SCHEME_RULES,
        ),
        Mount.of(
            "RuleService", rule_pb, rule_grpc, RuleServicer(unit_of_work, parts.clock), RULE_RULES
        ),
        Mount.of(
            "PlaceService",
            place_pb,
            place_grpc,
            PlaceServicer(unit_of_work, parts.clock),
            PLACE_RULES,
        ),
        Mount.of(
            "SourceService",
            source_pb,
            source_grpc,
            SourceServicer(unit_of_work, parts.clock),
            SOURCE_RULES,
        ),
        Mount.of(
            "SourceFileService",
            file_pb,
            file_grpc,
            SourceFileServicer(unit_of_work, parts.clock),
            FILE_RULES,
        ),
        Mount.of(
            "GridChangeService",
            changes_pb,
            changes_pb_grpc,
            GridChangeServicer(unit_of_work, parts.clock),
            grid_change_servicer.RULES,
        ),
    ]


if __name__ == "__main__":
    run("grid", build)
