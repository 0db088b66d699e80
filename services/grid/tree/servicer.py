"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
import orjson
from uuid6 import uuid7

from services.grid import templates
from services.grid.city.domain import COUNTY_ID
from services.grid.counties.usecases import creating as counties
from services.grid.counties.usecases.creating import NewCounty
from services.grid.divisions import usecases as importing
from services.grid.fields import (
    after_key,
    after_path,
    county_message,
    day_of,
    json_object,
    scheme_message,
)
from services.grid.schemes.usecases import reading as schemes
from services.grid.store import GridTransaction
from services.grid.tree import usecases as grids
from services.grid.tree.domain.grids import GridFilters
from services.grid.tree.messages import grid_message, kind_of
from shared.context import CITY_OPERATOR, CITY_SUPERVISOR
from shared.db.transaction import UnitOfWork
from shared.errors import InvalidArgument, Violation
from shared.rpc import call, paging
from shared.rpc.fields import optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.rules import Rule, Rules
from shared.structure.store import GridNotFound
from wangge.grid.v1 import counties_pb2
from wangge.grid.v1 import tree_service_pb2 as pb
from wangge.grid.v1 import tree_service_pb2_grpc as pb_grpc

CITY_ROLES = frozenset({CITY_OPERATOR, CITY_SUPERVISOR})
ANYONE_SIGNED_IN = Rule(any_post=True, city_roles=CITY_ROLES)
READERS = Rule(capability="read", city_roles=CITY_ROLES)
RULES: Rules = {
    "CreateCounty": Rule.city(CITY_OPERATOR),
    "ListCounties": Rule(city_roles=CITY_ROLES),
    "GetCounty": ANYONE_SIGNED_IN,
    "ListTemplates": ANYONE_SIGNED_IN,
    "GetTemplate": ANYONE_SIGNED_IN,
    "GetScheme": ANYONE_SIGNED_IN,
    "ImportDivisions": Rule(capability="configure", city_roles=frozenset({CITY_OPERATOR})),
    "GetGrid": READERS,
    "ListGrids": READERS,
    "ListAncestors": READERS,
}


class GridServicer(pb_grpc.GridServiceServicer):
    """Counties, their schemes and their grids over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[GridTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def CreateCounty(
        self, request: pb.CreateCountyRequest, context: grpc.ServicerContext
    ) -> pb.CreateCountyResponse:
        """Create a county and publish version 1 of its scheme."""
        wanted = _new_county(request)

        def act(tx: GridTransaction) -> pb.CreateCountyResponse:
            county, scheme = counties.create_county(tx, wanted, self._clock())
            return pb.CreateCountyResponse(
                county=county_message(county), scheme=scheme_message(county.county_id, scheme)
            )

        # Of an id that is taken one is told so, suspended or not.
        return once(self._unit_of_work, request, pb.CreateCountyResponse, act, always=True)

    def ListCounties(
        self, request: pb.ListCountiesRequest, context: grpc.ServicerContext
    ) -> pb.ListCountiesResponse:
        """List the city's counties."""
        size = paging.size(request.page_size)
        after = after_key(request.page_token, COUNTY_ID)
        with self._unit_of_work(call.current()) as tx:
            found = tx.counties.directory(after, size + 1)
        page = found[:size]
        return pb.ListCountiesResponse(
            counties=[county_message(county) for county in page],
            next_page_token=paging.encode(page[-1].county_id) if len(found) > size else "",
        )

    def GetCounty(
        self, request: pb.GetCountyRequest, context: grpc.ServicerContext
    ) -> pb.GetCountyResponse:
        """Return one county."""
        with self._unit_of_work(call.current()) as tx:
            return pb.GetCountyResponse(county=county_message(tx.counties.get()))

    def ListTemplates(
        self, request: pb.ListTemplatesRequest, context: grpc.ServicerContext
    ) -> pb.ListTemplatesResponse:
        """List the scheme templates, without their documents."""
        return pb.ListTemplatesResponse(
            templates=[
                counties_pb2.Template(template_id=known.id, source=known.source, name=known.name)
                for known in templates.templates()
            ]
        )

    def GetTemplate(
        self, request: pb.GetTemplateRequest, context: grpc.ServicerContext
    ) -> pb.GetTemplateResponse:
        """Return one template with its document."""
        document = templates.template(request.template_id)
        (known,) = (one for one in templates.templates() if one.id == request.template_id)
        return pb.GetTemplateResponse(
            template=counties_pb2.Template(
                template_id=known.id,
                source=known.source,
                name=known.name,
                document_json=orjson.dumps(document).decode(),
            )
        )

    def GetScheme(
        self, request: pb.GetSchemeRequest, context: grpc.ServicerContext
    ) -> pb.GetSchemeResponse:
        """Return the scheme in force on a day."""
        day = day_of(request.as_of, "/as_of")
        with self._unit_of_work(call.current()) as tx:
            scheme = schemes.get_scheme(tx, day, self._clock())
        return pb.GetSchemeResponse(scheme=scheme_message(call.current().county_id, scheme))

    def ImportDivisions(
        self, request: pb.ImportDivisionsRequest, context: grpc.ServicerContext
    ) -> pb.ImportDivisionsResponse:
        """Make grids of divisions."""

        def act(tx: GridTransaction) -> pb.ImportDivisionsResponse:
            made = importing.import_divisions(
                tx,
                list(request.codes),
                dry_run=request.dry_run,
                valid_from=optional_moment(request, "valid_from"),
                now=self._clock(),
                new_id=lambda: UUID(int=uuid7().int),
            )
            return pb.ImportDivisionsResponse(
                created=made.created,
                unchanged=made.unchanged,
                levels=[
                    pb.LevelCount(
                        level_id=level.level_id, count=level.count, expected=level.expected
                    )
                    for level in made.levels
                ],
            )

        if request.dry_run:  # has no effect to keep, and must count anew each time
            with self._unit_of_work(call.current()) as tx:
                return act(tx)
        return once(self._unit_of_work, request, pb.ImportDivisionsResponse, act)

    def GetGrid(
        self, request: pb.GetGridRequest, context: grpc.ServicerContext
    ) -> pb.GetGridResponse:
        """Return one grid."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            return pb.GetGridResponse(grid=grid_message(grids.get_grid(tx, grid_id, moment)))

    def ListAncestors(
        self, request: pb.ListAncestorsRequest, context: grpc.ServicerContext
    ) -> pb.ListAncestorsResponse:
        """List the grids above one."""
        grid_id = uuid_or(request.grid_id, GridNotFound(grid_id=request.grid_id))
        moment = optional_moment(request, "as_of")
        with self._unit_of_work(call.current()) as tx:
            found = grids.list_ancestors(tx, grid_id, moment)
        return pb.ListAncestorsResponse(grids=[grid_message(grid) for grid in found])

    def ListGrids(
        self, request: pb.ListGridsRequest, context: grpc.ServicerContext
    ) -> pb.ListGridsResponse:
        """List grids."""
        size = paging.size(request.page_size)
        after = after_path(request.page_token)
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
            found = grids.list_grids(tx, wanted, after, size + 1, now=self._clock())
        page = found[:size]
        return pb.ListGridsResponse(
            grids=[grid_message(grid) for grid in page],
            next_page_token=paging.encode(page[-1].path) if len(found) > size else "",
        )


def _new_county(request: pb.CreateCountyRequest) -> NewCounty:
    """What is asked, with the faults of what cannot be read, to be named with all the others."""
    faults: list[Violation] = []
    settings: Mapping[str, Any] = {}
    effective_on = None
    try:
        settings = json_object(request.settings_json or "{}", "/settings")
    except InvalidArgument as error:
        faults += error.violations
    try:
        effective_on = day_of(request.effective_on, "/effective_on")
    except InvalidArgument as error:
        faults += error.violations
    return NewCounty(
        county_id=request.county_id,
        name=request.name,
        admin_code=request.admin_code or request.county_id,
        template_id=request.template_id,
        settings=settings,
        effective_on=effective_on,
        from_county_id=request.from_county_id,
        faults=tuple(faults),
    )
