"""gRPC in and out: messages to domain objects and back, nothing else."""

import grpc

from services.grid.tree.domain.grids import GridFilters
from services.grid.tree.messages import grid_id_of, kind_of, write_grid, write_state
from services.grid.tree.usecases import reading as grids
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_moment, optional_uuid
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import tree_pb2


class TreeServicer(Servicer):
    """The tree of grids over gRPC."""

    def GetGrid(
        self, request: tree_pb2.GetGridRequest, context: grpc.ServicerContext
    ) -> tree_pb2.GetGridResponse:
        """Return one grid."""
        grid_id = grid_id_of(request)
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            return tree_pb2.GetGridResponse(grid=write_grid(grids.get_grid(tx, grid_id, moment)))

    def ListAncestors(
        self, request: tree_pb2.ListAncestorsRequest, context: grpc.ServicerContext
    ) -> tree_pb2.ListAncestorsResponse:
        """List the grids above one."""
        grid_id = grid_id_of(request)
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            found = grids.list_ancestors(tx, grid_id, moment)
        return tree_pb2.ListAncestorsResponse(grids=[write_grid(grid) for grid in found])

    def ListGrids(
        self, request: tree_pb2.ListGridsRequest, context: grpc.ServicerContext
    ) -> tree_pb2.ListGridsResponse:
        """List grids."""
        asked = PageRequest.of(request)
        filters = GridFilters(
            parent_id=optional_uuid(request.parent_id, "/parent_id"),
            level_id=request.level_id,
            name=request.name,
            admin_code=request.admin_code,
            kind=kind_of(request.kind),
            zone=request.zone,
            local_code=request.local_code,
        )
        under = optional_uuid(request.under, "/under")
        moment = optional_moment(request, "as_of")
        wanted = grids.Wanted(filters, under, moment)
        with self._unit_of_work(call.current()) as tx:
            page = grids.list_grids(tx, wanted, asked, now=self._clock())
        return tree_pb2.ListGridsResponse(
            grids=[write_grid(grid) for grid in page.items],
            next_page_token=page.next_page_token,
        )

    def ListGridStates(
        self, request: tree_pb2.ListGridStatesRequest, context: grpc.ServicerContext
    ) -> tree_pb2.ListGridStatesResponse:
        """List the states that a grid went through."""
        grid_id = grid_id_of(request)
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = grids.list_states(tx, grid_id, asked)
        return tree_pb2.ListGridStatesResponse(
            states=[write_state(state) for state in page.items],
            next_page_token=page.next_page_token,
        )
