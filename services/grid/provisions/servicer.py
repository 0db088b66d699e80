"""Provisions of grids over gRPC: messages in and out, nothing else."""

import grpc

from services.grid.provisions import usecases as provisions
from services.grid.provisions.domain import Provision
from services.grid.tree.messages import grid_id_of
from shared.db.transaction import Transaction
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import provisions_pb2

STATED = ("budget_yuan", "equipment", "vehicles", "office")
write_provision = writer(provisions_pb2.Provision, Provision)


class ProvisionServicer(Servicer):
    """What grids are given to work with."""

    def SetProvision(
        self, request: provisions_pb2.SetProvisionRequest, context: grpc.ServicerContext
    ) -> provisions_pb2.SetProvisionResponse:
        """State what a grid is given to work with in a year."""
        stated = {
            name: getattr(request, name) if request.HasField(name) else None for name in STATED
        }
        wanted = Provision(
            grid_id_of(request), request.year, **stated, changed_at=self._clock(), version=0
        )

        def act(tx: Transaction) -> provisions_pb2.SetProvisionResponse:
            made = provisions.set_provision(tx, wanted, request.expected_version)
            return provisions_pb2.SetProvisionResponse(provision=write_provision(made))

        return once(self._unit_of_work, request, provisions_pb2.SetProvisionResponse, act)

    def ListProvisions(
        self, request: provisions_pb2.ListProvisionsRequest, context: grpc.ServicerContext
    ) -> provisions_pb2.ListProvisionsResponse:
        """List what a grid is given to work with."""
        grid_id = grid_id_of(request)
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = provisions.list_provisions(tx, grid_id, asked)
        return provisions_pb2.ListProvisionsResponse(
            provisions=[write_provision(each) for each in page.items],
            next_page_token=page.next_page_token,
        )
