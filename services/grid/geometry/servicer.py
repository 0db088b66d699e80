"""Places over gRPC: messages to domain objects and back, nothing else."""

from collections.abc import Sequence
from typing import Any

import grpc
import orjson

from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import Boundary, Feature, Located
from services.grid.geometry.messages import check_message
from services.grid.geometry.usecases import boundaries as places
from services.grid.geometry.usecases import checking, locating
from services.grid.geometry.usecases import importing as importing_rows
from services.grid.geometry.usecases.boundaries import NewBoundary
from services.grid.geometry.usecases.locating import Question
from services.grid.tree.messages import grid_id_of
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_moment, optional_uuid
from shared.rpc.idempotency import once
from shared.rpc.rows import outcome_message, rows_of
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import geometry_pb2

DATUMS = {
    geometry_pb2.DATUM_UNSPECIFIED: geometry.WGS84,
    geometry_pb2.DATUM_WGS84: geometry.WGS84,
    geometry_pb2.DATUM_CGCS2000: geometry.CGCS2000,
    geometry_pb2.DATUM_GCJ02: geometry.GCJ02,
}
DATUM_NUMBERS = {name: number for number, name in DATUMS.items() if number}
MATCHES = {
    locating.POINT: geometry_pb2.MATCH_POINT,
    locating.EXACT: geometry_pb2.MATCH_EXACT,
    locating.NEAREST: geometry_pb2.MATCH_NEAREST,
    locating.ABOVE: geometry_pb2.MATCH_ABOVE,
    locating.PREFIX: geometry_pb2.MATCH_PREFIX,
    locating.PART: geometry_pb2.MATCH_PART,
}
LARGEST_TOLERANCE_M2 = 1e6
NO_TOLERANCE = Text("Give 0 to 1,000,000 square metres.", "应为 0 至 1000000 平方米。")
NO_DATUM = Text("Give wgs84, cgcs2000 or gcj02.", "应为 wgs84、cgcs2000 或 gcj02。")


class GeometryServicer(Servicer):
    """Where grids lie, and whether they cover the county."""

    def SetBoundary(
        self, request: geometry_pb2.SetBoundaryRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.SetBoundaryResponse:
        """Record where a grid lies."""
        asked = _asked(request)

        def act(tx: Transaction) -> geometry_pb2.SetBoundaryResponse:
            boundary = places.set_boundary(tx, asked, request.expected_version, self._clock())
            return geometry_pb2.SetBoundaryResponse(boundary=_boundary(boundary))

        return once(self._unit_of_work, request, geometry_pb2.SetBoundaryResponse, act)

    def GetBoundary(
        self, request: geometry_pb2.GetBoundaryRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.GetBoundaryResponse:
        """Return the boundary of a grid at a moment."""
        grid_id = grid_id_of(request)
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            boundary = places.get_boundary(tx, grid_id, moment)
        return geometry_pb2.GetBoundaryResponse(boundary=_boundary(boundary))

    def ListBoundaries(
        self, request: geometry_pb2.ListBoundariesRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.ListBoundariesResponse:
        """List grids that have a place."""
        asked = PageRequest.of(request)
        grid_id = optional_uuid(request.grid_id, "/grid_id")
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            page = places.list_features(tx, grid_id, request.level_id, moment=moment, asked=asked)
        return geometry_pb2.ListBoundariesResponse(
            features=[_feature(feature) for feature in page.items],
            next_page_token=page.next_page_token,
        )

    def LocateGrids(
        self, request: geometry_pb2.LocateGridsRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.LocateGridsResponse:
        """Find the grids of a place."""
        question = Question(
            (
                request.lon if request.HasField("lon") else None,
                request.lat if request.HasField("lat") else None,
            ),
            request.code,
            request.name,
        )
        moment = optional_moment(request, "as_of") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            answer = locating.locate(tx, question, moment)
        return geometry_pb2.LocateGridsResponse(
            grids=_located(answer.grids),
            carved_out_of=_located(answer.carved_out_of),
            more=answer.more,
        )

    def CheckGrids(
        self, request: geometry_pb2.CheckGridsRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.CheckGridsResponse:
        """Report how the county's grids cover it."""
        tolerance = _tolerance(request)
        with self._unit_of_work(call.current()) as tx:
            check = checking.check_grids(tx, tolerance, self._clock())
        return geometry_pb2.CheckGridsResponse(check=check_message(check))

    def ImportGrids(
        self, request: geometry_pb2.ImportGridsRequest, context: grpc.ServicerContext
    ) -> geometry_pb2.ImportGridsResponse:
        """Make grids of a file's rows."""
        rows = rows_of(request.rows)

        def act(tx: Transaction) -> geometry_pb2.ImportGridsResponse:
            outcome = importing_rows.import_rows(
                tx,
                rows,
                dry_run=request.dry_run,
                now=self._clock(),
                new_id=new_id,
            )
            return geometry_pb2.ImportGridsResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        if request.dry_run:  # has no effect to keep, and must count anew each time
            with self._unit_of_work(call.current()) as tx:
                return act(tx)
        return once(self._unit_of_work, request, geometry_pb2.ImportGridsResponse, act)


def _asked(request: geometry_pb2.SetBoundaryRequest) -> NewBoundary:
    if request.datum not in DATUMS:
        raise InvalidArgument([Violation("/datum", NO_DATUM)])
    return NewBoundary(
        grid_id=grid_id_of(request),
        document=_json(request.geometry_json),
        datum=DATUMS[request.datum],
        source=request.source,
        note=request.note,
        effective_at=optional_moment(request, "effective_at"),
    )


def _tolerance(request: geometry_pb2.CheckGridsRequest) -> float | None:
    if not request.HasField("tolerance_m2"):
        return None
    if not 0 <= request.tolerance_m2 <= LARGEST_TOLERANCE_M2:
        raise InvalidArgument([Violation("/tolerance_m2", NO_TOLERANCE)])
    return request.tolerance_m2


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidArgument([Violation("/geometry", geometry.NO_GEOJSON)]) from error


def _boundary(boundary: Boundary) -> geometry_pb2.Boundary:
    return geometry_pb2.Boundary(
        county_id=call.current().county_id,
        grid_id=str(boundary.grid_id),
        geometry_json=geometry.to_geojson(boundary.shape.wkb),
        area_km2=boundary.shape.area_km2,
        vertices=boundary.shape.vertices,
        datum=DATUM_NUMBERS[boundary.datum],
        source=boundary.source,
        note=boundary.note,
        valid_from=boundary.valid_from,
        valid_to=boundary.valid_to,
        recorded_by=str(boundary.recorded_by or ""),
        record_time=boundary.recorded_at,
        version=boundary.version,
    )


def _feature(feature: Feature) -> geometry_pb2.GridFeature:
    grid = feature.grid
    wkb = geometry.point_wkb(*feature.point) if feature.point else grid.wkb or b""
    return geometry_pb2.GridFeature(
        grid_id=str(grid.grid_id),
        parent_id=str(grid.parent_id or ""),
        path=grid.path,
        level_id=grid.level_id,
        unit_type=grid.unit_type,
        name=grid.name,
        admin_code=grid.admin_code or "",
        geometry_json=geometry.to_geojson(wkb),
        area_km2=grid.area_km2,
        valid_from=feature.valid_from,
    )


def _located(found: Sequence[Located]) -> list[geometry_pb2.LocatedGrid]:
    return [
        geometry_pb2.LocatedGrid(
            grid_id=str(each.grid.grid_id),
            parent_id=str(each.grid.parent_id or ""),
            path=each.grid.path,
            level_id=each.grid.level_id,
            rank=each.grid.rank,
            unit_type=each.grid.unit_type,
            name=each.grid.name,
            admin_code=each.grid.admin_code or "",
            names=each.names,
            special=each.special,
            area_km2=each.grid.area_km2,
            match=MATCHES[each.match],
        )
        for each in found
    ]
