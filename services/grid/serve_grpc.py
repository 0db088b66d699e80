"""The gRPC process: ``python -m services.grid.serve_grpc``."""

from services.grid.changes import servicer as grid_change_servicer
from services.grid.changes.servicer import GridChangeServicer
from services.grid.documents.servicer import RULES as RULE_RULES
from services.grid.documents.servicer import RuleServicer
from services.grid.geometry.servicer import PLACE_RULES, PlaceServicer
from services.grid.schemes.servicer import RULES as SCHEME_RULES
from services.grid.schemes.servicer import SchemeServicer
from services.grid.sources.files.servicer import RULES as FILE_RULES
from services.grid.sources.files.servicer import SourceFileServicer
from services.grid.sources.ledger.servicer import RULES as SOURCE_RULES
from services.grid.sources.ledger.servicer import SourceServicer
from services.grid.store import make_transaction
from services.grid.tree.servicer import RULES, GridServicer
from shared.db.transaction import UnitOfWork
from shared.rpc.process import Mount, Parts, run
from wangge.grid.v1 import changes_service_pb2 as changes_pb
from wangge.grid.v1 import changes_service_pb2_grpc as changes_pb_grpc
from wangge.grid.v1 import documents_service_pb2 as rule_pb
from wangge.grid.v1 import documents_service_pb2_grpc as rule_grpc
from wangge.grid.v1 import geometry_service_pb2 as place_pb
from wangge.grid.v1 import geometry_service_pb2_grpc as place_grpc
from wangge.grid.v1 import schemes_service_pb2 as scheme_pb
from wangge.grid.v1 import schemes_service_pb2_grpc as scheme_grpc
from wangge.grid.v1 import source_files_service_pb2 as file_pb
from wangge.grid.v1 import source_files_service_pb2_grpc as file_grpc
from wangge.grid.v1 import sources_service_pb2 as source_pb
from wangge.grid.v1 import sources_service_pb2_grpc as source_grpc
from wangge.grid.v1 import tree_service_pb2 as pb
from wangge.grid.v1 import tree_service_pb2_grpc as pb_grpc


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
