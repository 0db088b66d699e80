"""Administrative divisions over gRPC: messages in and out, nothing else."""

import grpc

from services.grid.divisions import usecases as importing
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.rpc import call
from shared.rpc.fields import optional_moment
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import divisions_pb2


class DivisionServicer(Servicer):
    """Grids of administrative divisions."""

    def ImportDivisions(
        self, request: divisions_pb2.ImportDivisionsRequest, context: grpc.ServicerContext
    ) -> divisions_pb2.ImportDivisionsResponse:
        """Make grids of divisions."""

        def act(tx: Transaction) -> divisions_pb2.ImportDivisionsResponse:
            made = importing.import_divisions(
                tx,
                list(request.codes),
                dry_run=request.dry_run,
                valid_from=optional_moment(request, "valid_from"),
                now=self._clock(),
                new_id=new_id,
            )
            return divisions_pb2.ImportDivisionsResponse(
                created=made.created,
                unchanged=made.unchanged,
                levels=[
                    divisions_pb2.LevelCount(
                        level_id=level.level_id, count=level.count, expected=level.expected
                    )
                    for level in made.levels
                ],
            )

        if request.dry_run:  # has no effect to keep, and must count anew each time
            with self._unit_of_work(call.current()) as tx:
                return act(tx)
        return once(self._unit_of_work, request, divisions_pb2.ImportDivisionsResponse, act)
