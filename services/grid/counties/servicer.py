"""Counties over gRPC: messages in and out, nothing else."""

import grpc
import orjson

from services.grid.city.domain import CountyState
from services.grid.city.store.counties import CountyStore
from services.grid.counties.messages import write_county, write_entry
from services.grid.counties.store import CountyStateStore
from services.grid.counties.usecases import creating as counties
from services.grid.counties.usecases import states
from services.grid.counties.usecases.creating import NewCounty
from services.grid.schemes.messages import write_scheme
from shared.db.transaction import Transaction
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_day
from shared.rpc.idempotency import once
from shared.rpc.servicer import Servicer
from wangge.grid.v1 import counties_pb2


class CountyServicer(Servicer):
    """Creating, reading, suspending and resuming counties."""

    def CreateCounty(
        self, request: counties_pb2.CreateCountyRequest, context: grpc.ServicerContext
    ) -> counties_pb2.CreateCountyResponse:
        """Create a county and publish version 1 of its scheme."""
        wanted = _new_county(request)

        def act(tx: Transaction) -> counties_pb2.CreateCountyResponse:
            county, scheme = counties.create_county(tx, wanted, self._clock())
            return counties_pb2.CreateCountyResponse(
                county=write_county(county), scheme=write_scheme(scheme)
            )

        # An id that is taken is refused as such, whether its county is suspended or not.
        return once(
            self._unit_of_work, request, counties_pb2.CreateCountyResponse, act, always=True
        )

    def ListCounties(
        self, request: counties_pb2.ListCountiesRequest, context: grpc.ServicerContext
    ) -> counties_pb2.ListCountiesResponse:
        """List the city's counties."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            page = tx.store(CountyStore).directory(asked)
        return counties_pb2.ListCountiesResponse(
            counties=[write_county(county) for county in page.items],
            next_page_token=page.next_page_token,
        )

    def GetCounty(
        self, request: counties_pb2.GetCountyRequest, context: grpc.ServicerContext
    ) -> counties_pb2.GetCountyResponse:
        """Return one county."""
        with self._unit_of_work(call.current()) as tx:
            return counties_pb2.GetCountyResponse(county=write_county(tx.store(CountyStore).get()))

    def SuspendCounty(
        self, request: counties_pb2.SuspendCountyRequest, context: grpc.ServicerContext
    ) -> counties_pb2.SuspendCountyResponse:
        """Suspend a county."""

        def act(tx: Transaction) -> counties_pb2.SuspendCountyResponse:
            county = states.set_state(
                tx, CountyState.SUSPENDED, request.reason, request.expected_version, self._clock()
            )
            return counties_pb2.SuspendCountyResponse(county=write_county(county))

        return once(
            self._unit_of_work, request, counties_pb2.SuspendCountyResponse, act, always=True
        )

    def ResumeCounty(
        self, request: counties_pb2.ResumeCountyRequest, context: grpc.ServicerContext
    ) -> counties_pb2.ResumeCountyResponse:
        """Resume a county."""

        def act(tx: Transaction) -> counties_pb2.ResumeCountyResponse:
            county = states.set_state(
                tx, CountyState.ACTIVE, request.reason, request.expected_version, self._clock()
            )
            return counties_pb2.ResumeCountyResponse(county=write_county(county))

        return once(
            self._unit_of_work, request, counties_pb2.ResumeCountyResponse, act, always=True
        )

    def ListCountyStates(
        self, request: counties_pb2.ListCountyStatesRequest, context: grpc.ServicerContext
    ) -> counties_pb2.ListCountyStatesResponse:
        """List when and why the county was suspended and resumed."""
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            tx.store(CountyStore).get()
            page = tx.store(CountyStateStore).page(asked)
        return counties_pb2.ListCountyStatesResponse(
            states=[write_entry(entry) for entry in page.items],
            next_page_token=page.next_page_token,
        )


def _new_county(request: counties_pb2.CreateCountyRequest) -> NewCounty:
    return NewCounty(
        county_id=request.county_id,
        name=request.name,
        admin_code=request.admin_code or request.county_id,
        template_id=request.template_id,
        settings=orjson.loads(request.settings_json or "{}"),
        effective_on=optional_day(request.effective_on),
        from_county_id=request.from_county_id,
    )
