"""gRPC in and out for changes of the division into grids."""

from typing import Any
from uuid import UUID

import grpc
import orjson

from services.grid.changes.domain.changes import Document
from services.grid.changes.messages import write_change
from services.grid.changes.usecases import details as describing
from services.grid.changes.usecases import lineage
from services.grid.changes.usecases import restructuring as changing
from services.grid.changes.usecases.checks import MISSING, NewGrid
from services.grid.changes.usecases.restructuring import Merging, Renaming, Terms
from services.grid.tree.domain.grids import GridKind
from services.grid.tree.messages import grid_id_of, kind_of, write_grid
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation
from shared.ids import new_id
from shared.rpc import call
from shared.rpc.fields import optional_moment, optional_uuid
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import changes_pb2

NO_TITLE = Text("Give the document's title.", "请填写文件标题。")


class ChangeServicer(Servicer):
    """Changes of the county's division into grids over gRPC."""

    def CreateGrid(
        self, request: changes_pb2.CreateGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.CreateGridResponse:
        """Make a grid."""
        new = NewGrid(
            name=request.name,
            parent_id=optional_uuid(request.parent_id, "/parent_id"),
            kind=kind_of(request.kind) or GridKind.TERRITORIAL,
            level_id=request.level_id,
            unit_type=request.unit_type,
            admin_code=request.admin_code,
            local_code=request.local_code,
            is_base=request.is_base,
            child_ids=_ids(request.child_ids, "/child_ids"),
        )
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.CreateGridResponse:
            return changes_pb2.CreateGridResponse(
                grid=write_grid(changing.create_grid(tx, new, terms))
            )

        return once(self._unit_of_work, request, changes_pb2.CreateGridResponse, act)

    def MoveGrid(
        self, request: changes_pb2.MoveGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.MoveGridResponse:
        """Put a grid below another, or make it a root."""
        grid_id = grid_id_of(request)
        parent_id = optional_uuid(request.parent_id, "/parent_id")
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.MoveGridResponse:
            change, grid = changing.move_grid(tx, grid_id, parent_id, terms)
            return changes_pb2.MoveGridResponse(change=write_change(change), grid=write_grid(grid))

        return once(self._unit_of_work, request, changes_pb2.MoveGridResponse, act)

    def RenameGrid(
        self, request: changes_pb2.RenameGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.RenameGridResponse:
        """Give a grid another name or other codes."""
        grid_id = grid_id_of(request)
        wanted = Renaming(
            *(
                getattr(request, name) if request.HasField(name) else None
                for name in ("name", "admin_code", "local_code")
            )
        )
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.RenameGridResponse:
            change, grid = changing.rename_grid(tx, grid_id, wanted, terms)
            return changes_pb2.RenameGridResponse(
                change=write_change(change), grid=write_grid(grid)
            )

        return once(self._unit_of_work, request, changes_pb2.RenameGridResponse, act)

    def SplitGrid(
        self, request: changes_pb2.SplitGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.SplitGridResponse:
        """End a grid in favour of several."""
        grid_id = grid_id_of(request)
        parts = [
            NewGrid(
                name=part.name,
                admin_code=part.admin_code,
                local_code=part.local_code,
                unit_type=part.unit_type,
                child_ids=_ids(part.child_ids, f"/successors/{place}/child_ids"),
            )
            for place, part in enumerate(request.successors)
        ]
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.SplitGridResponse:
            change, made = changing.split_grid(tx, grid_id, parts, request.heir, terms)
            return changes_pb2.SplitGridResponse(
                change=write_change(change), grids=[write_grid(grid) for grid in made]
            )

        return once(self._unit_of_work, request, changes_pb2.SplitGridResponse, act)

    def MergeGrids(
        self, request: changes_pb2.MergeGridsRequest, context: grpc.ServicerContext
    ) -> changes_pb2.MergeGridsResponse:
        """End several grids in favour of one."""
        ids = _ids([grid.grid_id for grid in request.grids], "/grids", "/grid_id")
        versions = [grid.expected_version for grid in request.grids]
        into = NewGrid(
            name=request.name,
            parent_id=optional_uuid(request.parent_id, "/parent_id"),
            admin_code=request.admin_code,
            local_code=request.local_code,
            unit_type=request.unit_type,
        )
        wanted = Merging(list(zip(ids, versions, strict=True)), into)
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.MergeGridsResponse:
            change, grid = changing.merge_grids(tx, wanted, terms)
            return changes_pb2.MergeGridsResponse(
                change=write_change(change), grid=write_grid(grid)
            )

        return once(self._unit_of_work, request, changes_pb2.MergeGridsResponse, act)

    def RetireGrid(
        self, request: changes_pb2.RetireGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.RetireGridResponse:
        """End a grid."""
        grid_id = grid_id_of(request)
        children_to = optional_uuid(request.children_to, "/children_to")
        heir_id = optional_uuid(request.heir_id, "/heir_id")
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.RetireGridResponse:
            change, grid = changing.retire_grid(tx, grid_id, children_to, heir_id, terms)
            return changes_pb2.RetireGridResponse(
                change=write_change(change), grid=write_grid(grid)
            )

        return once(self._unit_of_work, request, changes_pb2.RetireGridResponse, act)

    def UpdateGrid(
        self, request: changes_pb2.UpdateGridRequest, context: grpc.ServicerContext
    ) -> changes_pb2.UpdateGridResponse:
        """State details about a grid."""
        grid_id, patch = grid_id_of(request), orjson.loads(request.details_json)
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.UpdateGridResponse:
            grid = describing.update_grid(tx, grid_id, patch, terms)
            return changes_pb2.UpdateGridResponse(grid=write_grid(grid))

        return once(self._unit_of_work, request, changes_pb2.UpdateGridResponse, act)

    def SetGridZones(
        self, request: changes_pb2.SetGridZonesRequest, context: grpc.ServicerContext
    ) -> changes_pb2.SetGridZonesResponse:
        """Put a grid into overlay zones, and out of all others."""
        grid_id, zones = grid_id_of(request), list(request.zones)
        terms = self._terms(request)

        def act(tx: Transaction) -> changes_pb2.SetGridZonesResponse:
            grid = describing.set_zones(tx, grid_id, zones, terms)
            return changes_pb2.SetGridZonesResponse(grid=write_grid(grid))

        return once(self._unit_of_work, request, changes_pb2.SetGridZonesResponse, act)

    def GetLineage(
        self, request: changes_pb2.GetLineageRequest, context: grpc.ServicerContext
    ) -> changes_pb2.GetLineageResponse:
        """Return what a grid came from and what became of it."""
        grid_id = grid_id_of(request)
        with self._unit_of_work(call.current()) as tx:
            came, became = lineage.get_lineage(tx, grid_id)
        return changes_pb2.GetLineageResponse(
            came_from=[write_change(change) for change in came],
            became=[write_change(change) for change in became],
        )

    def _terms(self, request: Any) -> Terms:
        return Terms(
            now=self._clock(),
            new_id=new_id,
            effective_at=optional_moment(request, "effective_at"),
            document=_document(request),
            carry_posts=getattr(request, "carry_posts", False),
            expected_version=getattr(request, "expected_version", 0),
        )


def _ids(texts: Any, pointer: str, member: str = "") -> tuple[UUID, ...]:
    """Parse the ids of a list. Raises InvalidArgument naming every one that is not an id."""
    found: list[UUID | None] = []
    faults: list[Violation] = []
    for place, text in enumerate(texts):
        try:
            found.append(optional_uuid(text, f"{pointer}/{place}{member}"))
        except InvalidArgument as error:
            faults += error.violations
    missing = [
        Violation(f"{pointer}/{place}{member}", MISSING)
        for place, grid_id in enumerate(found)
        if grid_id is None
    ]
    if faults or missing:
        raise InvalidArgument([*faults, *missing])
    return tuple(grid_id for grid_id in found if grid_id is not None)


def _document(request: Any) -> Document | None:
    if "document" not in request.DESCRIPTOR.fields_by_name or not request.HasField("document"):
        return None
    given = request.document
    if not given.title.strip():
        raise InvalidArgument([Violation("/document/title", NO_TITLE)])
    return Document(given.title.strip(), given.number.strip(), given.url.strip())
