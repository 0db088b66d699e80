"""gRPC in and out for changes of the division into grids."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
import orjson
from uuid6 import uuid7

from services.grid.changes.domain.changes import Document
from services.grid.changes.usecases import details as describing
from services.grid.changes.usecases import restructuring as changing
from services.grid.changes.usecases.checks import MISSING, NewGrid
from services.grid.changes.usecases.restructuring import Merging, Renaming, Terms
from services.grid.provisions import usecases as provisions
from services.grid.provisions.domain import Provision
from services.grid.store import GridTransaction
from services.grid.tree import usecases as grids
from services.grid.tree.domain.grids import GridKind
from services.grid.tree.messages import change_message, grid_message, kind_of
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.store import GridNotFound
from wangge.grid.v1 import changes_service_pb2 as pb
from wangge.grid.v1 import changes_service_pb2_grpc as pb_grpc

CONFIGURERS = Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR}))
READERS = Rule(capability="read", city_roles=frozenset({CITY_OPERATOR, CITY_SUPERVISOR}))
RULES: Rules = {
    "CreateGrid": CONFIGURERS,
    "MoveGrid": CONFIGURERS,
    "RenameGrid": CONFIGURERS,
    "SplitGrid": CONFIGURERS,
    "MergeGrids": CONFIGURERS,
    "RetireGrid": CONFIGURERS,
    "UpdateGrid": CONFIGURERS,
    "SetGridZones": CONFIGURERS,
    "SetProvision": CONFIGURERS,
    "ListProvisions": READERS,
    "GetLineage": READERS,
    "ListGridStates": READERS,
}
STATED = ("budget_yuan", "equipment", "vehicles", "office")
NO_OBJECT = Text("Give a JSON object.", "应为 JSON 对象。")
NO_TITLE = Text("Give the document's title.", "请填写文件标题。")


class GridChangeServicer(pb_grpc.GridChangeServiceServicer):
    """Changes of the county's division into grids over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[GridTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def CreateGrid(
        self, request: pb.CreateGridRequest, context: grpc.ServicerContext
    ) -> pb.CreateGridResponse:
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

        def act(tx: GridTransaction) -> pb.CreateGridResponse:
            return pb.CreateGridResponse(grid=grid_message(changing.create_grid(tx, new, terms)))

        return once(self._unit_of_work, request, pb.CreateGridResponse, act)

    def MoveGrid(
        self, request: pb.MoveGridRequest, context: grpc.ServicerContext
    ) -> pb.MoveGridResponse:
        """Put a grid below another."""
        grid_id = _grid_id(request)
        parent_id = optional_uuid(request.parent_id, "/parent_id")
        terms = self._terms(request)

        def act(tx: GridTransaction) -> pb.MoveGridResponse:
            change, grid = changing.move_grid(tx, grid_id, parent_id, terms)
            return pb.MoveGridResponse(change=change_message(change), grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.MoveGridResponse, act)

    def RenameGrid(
        self, request: pb.RenameGridRequest, context: grpc.ServicerContext
    ) -> pb.RenameGridResponse:
        """Give a grid another name or other codes."""
        grid_id = _grid_id(request)
        wanted = Renaming(
            *(
                getattr(request, name) if request.HasField(name) else None
                for name in ("name", "admin_code", "local_code")
            )
        )
        terms = self._terms(request)

        def act(tx: GridTransaction) -> pb.RenameGridResponse:
            change, grid = changing.rename_grid(tx, grid_id, wanted, terms)
            return pb.RenameGridResponse(change=change_message(change), grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.RenameGridResponse, act)

    def SplitGrid(
        self, request: pb.SplitGridRequest, context: grpc.ServicerContext
    ) -> pb.SplitGridResponse:
        """End a grid in favour of several."""
        grid_id = _grid_id(request)
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

        def act(tx: GridTransaction) -> pb.SplitGridResponse:
            change, made = changing.split_grid(tx, grid_id, parts, request.heir, terms)
            return pb.SplitGridResponse(
                change=change_message(change), grids=[grid_message(grid) for grid in made]
            )

        return once(self._unit_of_work, request, pb.SplitGridResponse, act)

    def MergeGrids(
        self, request: pb.MergeGridsRequest, context: grpc.ServicerContext
    ) -> pb.MergeGridsResponse:
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

        def act(tx: GridTransaction) -> pb.MergeGridsResponse:
            change, grid = changing.merge_grids(tx, wanted, terms)
            return pb.MergeGridsResponse(change=change_message(change), grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.MergeGridsResponse, act)

    def RetireGrid(
        self, request: pb.RetireGridRequest, context: grpc.ServicerContext
    ) -> pb.RetireGridResponse:
        """End a grid."""
        grid_id = _grid_id(request)
        children_to = optional_uuid(request.children_to, "/children_to")
        heir_id = optional_uuid(request.heir_id, "/heir_id")
        terms = self._terms(request)

        def act(tx: GridTransaction) -> pb.RetireGridResponse:
            change, grid = changing.retire_grid(tx, grid_id, children_to, heir_id, terms)
            return pb.RetireGridResponse(change=change_message(change), grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.RetireGridResponse, act)

    def UpdateGrid(
        self, request: pb.UpdateGridRequest, context: grpc.ServicerContext
    ) -> pb.UpdateGridResponse:
        """State details of a grid."""
        grid_id, patch = _grid_id(request), _details(request.details_json)
        terms = self._terms(request)

        def act(tx: GridTransaction) -> pb.UpdateGridResponse:
            grid = describing.update_grid(tx, grid_id, patch, terms)
            return pb.UpdateGridResponse(grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.UpdateGridResponse, act)

    def SetGridZones(
        self, request: pb.SetGridZonesRequest, context: grpc.ServicerContext
    ) -> pb.SetGridZonesResponse:
        """Put a grid into overlay zones."""
        grid_id, zones = _grid_id(request), list(request.zones)
        terms = self._terms(request)

        def act(tx: GridTransaction) -> pb.SetGridZonesResponse:
            grid = describing.set_zones(tx, grid_id, zones, terms)
            return pb.SetGridZonesResponse(grid=grid_message(grid))

        return once(self._unit_of_work, request, pb.SetGridZonesResponse, act)

    def SetProvision(
        self, request: pb.SetProvisionRequest, context: grpc.ServicerContext
    ) -> pb.SetProvisionResponse:
        """State what a grid is given to work with in a year."""
        stated = {
            name: getattr(request, name) if request.HasField(name) else None for name in STATED
        }
        wanted = Provision(
            _grid_id(request), request.year, **stated, changed_at=self._clock(), version=0
        )

        def act(tx: GridTransaction) -> pb.SetProvisionResponse:
            made = provisions.set_provision(tx, wanted, request.expected_version)
            return pb.SetProvisionResponse(provision=_provision(made))

        return once(self._unit_of_work, request, pb.SetProvisionResponse, act)

    def ListProvisions(
        self, request: pb.ListProvisionsRequest, context: grpc.ServicerContext
    ) -> pb.ListProvisionsResponse:
        """List what a grid is given to work with."""
        grid_id = _grid_id(request)
        size = paging.size(request.page_size)
        before = paging.decode_one(request.page_token, int)
        with self._unit_of_work(call.current()) as tx:
            found = provisions.list_provisions(tx, grid_id, before, size + 1)
        page = found[:size]
        return pb.ListProvisionsResponse(
            provisions=[_provision(each) for each in page],
            next_page_token=paging.encode(page[-1].year) if len(found) > size else "",
        )

    def GetLineage(
        self, request: pb.GetLineageRequest, context: grpc.ServicerContext
    ) -> pb.GetLineageResponse:
        """Return what a grid came from and what became of it."""
        grid_id = _grid_id(request)
        with self._unit_of_work(call.current()) as tx:
            came, became = grids.get_lineage(tx, grid_id)
        return pb.GetLineageResponse(
            came_from=[change_message(change) for change in came],
            became=[change_message(change) for change in became],
        )

    def ListGridStates(
        self, request: pb.ListGridStatesRequest, context: grpc.ServicerContext
    ) -> pb.ListGridStatesResponse:
        """List the states that a grid went through."""
        grid_id = _grid_id(request)
        size = paging.size(request.page_size)
        before = paging.decode_one(request.page_token, int)
        with self._unit_of_work(call.current()) as tx:
            found = grids.list_states(tx, grid_id, before, size + 1)
        page = found[:size]
        return pb.ListGridStatesResponse(
            states=[
                pb.GridState(grid=grid_message(state.grid), until=state.until) for state in page
            ],
            next_page_token=(paging.encode(page[-1].grid.version) if len(found) > size else ""),
        )

    def _terms(self, request: Any) -> Terms:
        return Terms(
            now=self._clock(),
            new_id=lambda: UUID(int=uuid7().int),
            effective_at=optional_moment(request, "effective_at"),
            document=_document(request),
            carry_posts=getattr(request, "carry_posts", False),
            expected_version=getattr(request, "expected_version", 0),
        )


def _grid_id(request: Any) -> UUID:
    return uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))


def _ids(texts: Any, pointer: str, member: str = "") -> tuple[UUID, ...]:
    """Ids of a list, with the faults of all that are none."""
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


def _provision(provision: Provision) -> pb.Provision:
    values = {name: getattr(provision, name) for name in Provision.__slots__}
    return pb.Provision(**{**values, "grid_id": str(provision.grid_id)})


def _details(text: str) -> Mapping[str, Any]:
    try:
        details = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidArgument([Violation("/details", NO_OBJECT)]) from error
    if not isinstance(details, dict):
        raise InvalidArgument([Violation("/details", NO_OBJECT)])
    return details


def _document(request: Any) -> Document | None:
    if "document" not in request.DESCRIPTOR.fields_by_name or not request.HasField("document"):
        return None
    given = request.document
    if not given.title.strip():
        raise InvalidArgument([Violation("/document/title", NO_TITLE)])
    return Document(given.title.strip(), given.number.strip(), given.url.strip())
