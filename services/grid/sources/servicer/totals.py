"""Totals of sources over gRPC: messages in and out, nothing else."""

import grpc

from services.grid.sources.messages import ledger as messages
from services.grid.sources.usecases import totals as source_totals
from shared.rpc import call
from shared.rpc.fields import optional_uuid
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import source_totals_pb2


class TotalServicer(Servicer):
    """Totals of the ledger."""

    def GetSourceDistribution(
        self, request: source_totals_pb2.GetSourceDistributionRequest, context: grpc.ServicerContext
    ) -> source_totals_pb2.GetSourceDistributionResponse:
        """Count sources by grid and key."""
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        by = request.by or "grid"
        with self._unit_of_work(call.current()) as tx:
            found = source_totals.distribution(tx, grid_id, by, self._clock())
        return source_totals_pb2.GetSourceDistributionResponse(
            count=found.count,
            groups=messages.groups(found.groups, found.names),
            shares=[
                source_totals_pb2.SourceShare(
                    grid_id=str(part_id),
                    grid_path=share.path,
                    grid_name=name,
                    own=share.own,
                    count=count,
                    groups=messages.groups(share.groups, found.names),
                )
                for share, count, part_id, name in found.shares
            ],
            minimum_count=found.minimum_count,
            lacking=found.lacking,
        )
