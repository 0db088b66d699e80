"""The gRPC process: ``python -m services.grid.serve_grpc``."""

from collections.abc import Sequence
from types import ModuleType

from services.grid.changes import servicer as changes
from services.grid.counties import servicer as counties
from services.grid.divisions import servicer as divisions
from services.grid.documents import servicer as documents
from services.grid.geometry import servicer as geometry
from services.grid.provisions import servicer as provisions
from services.grid.schemes import servicer as schemes
from services.grid.sources.servicer import files, ledger, lists, objects, settings, totals
from services.grid.store import make_transaction
from services.grid.tree import servicer as tree
from shared.db.transaction import Transaction, UnitOfWork
from shared.rpc.process import Mount, Parts, run
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import (
    changes_service_pb2,
    changes_service_pb2_grpc,
    documents_service_pb2,
    documents_service_pb2_grpc,
    geometry_service_pb2,
    geometry_service_pb2_grpc,
    schemes_service_pb2,
    schemes_service_pb2_grpc,
    source_files_service_pb2,
    source_files_service_pb2_grpc,
    sources_service_pb2,
    sources_service_pb2_grpc,
    tree_service_pb2,
    tree_service_pb2_grpc,
)


class GridServicer(
    counties.CountyServicer,
    schemes.SchemeServicer,
    divisions.DivisionServicer,
    tree.TreeServicer,
    tree_service_pb2_grpc.GridServiceServicer,
):
    """Counties, their schemes and their grids."""


class SchemeServicer(
    schemes.SchemeServicer,
    counties.CountyServicer,
    schemes_service_pb2_grpc.SchemeServiceServicer,
):
    """A county's scheme from its draft to its versions, and what it says."""


class GridChangeServicer(
    changes.ChangeServicer,
    provisions.ProvisionServicer,
    tree.TreeServicer,
    changes_service_pb2_grpc.GridChangeServiceServicer,
):
    """Changes of the county's division into grids."""


class RuleServicer(documents.DocumentServicer, documents_service_pb2_grpc.RuleServiceServicer):
    """Written rules of a county, its levels and its grids."""


class PlaceServicer(geometry.GeometryServicer, geometry_service_pb2_grpc.PlaceServiceServicer):
    """Where grids lie, and whether they cover the county."""


class SourceServicer(
    settings.SettingServicer,
    ledger.LedgerServicer,
    lists.ListServicer,
    totals.TotalServicer,
    sources_service_pb2_grpc.SourceServiceServicer,
):
    """The ledger of pollution sources."""


class SourceFileServicer(
    files.FileServicer,
    objects.ObjectServicer,
    source_files_service_pb2_grpc.SourceFileServiceServicer,
):
    """Files of sources, and what lies around them."""


SERVICERS: Sequence[tuple[str, ModuleType, ModuleType, type[Servicer]]] = (
    ("GridService", tree_service_pb2, tree_service_pb2_grpc, GridServicer),
    ("SchemeService", schemes_service_pb2, schemes_service_pb2_grpc, SchemeServicer),
    ("RuleService", documents_service_pb2, documents_service_pb2_grpc, RuleServicer),
    ("PlaceService", geometry_service_pb2, geometry_service_pb2_grpc, PlaceServicer),
    ("SourceService", sources_service_pb2, sources_service_pb2_grpc, SourceServicer),
    (
        "SourceFileService",
        source_files_service_pb2,
        source_files_service_pb2_grpc,
        SourceFileServicer,
    ),
    ("GridChangeService", changes_service_pb2, changes_service_pb2_grpc, GridChangeServicer),
)


def build(parts: Parts) -> list[Mount]:
    """Put the service together."""
    unit_of_work: UnitOfWork[Transaction] = UnitOfWork(parts.engine, make_transaction)
    return [
        Mount.of(name, pb, pb_grpc, servicer(unit_of_work, parts.clock))
        for name, pb, pb_grpc, servicer in SERVICERS
    ]


if __name__ == "__main__":
    run("grid", build)
