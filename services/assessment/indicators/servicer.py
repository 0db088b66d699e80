"""gRPC in and out: messages to domain objects and back, nothing else."""

from datetime import datetime

import grpc

from services.assessment.indicators import usecases
from services.assessment.indicators.domain import (
    DEFINITIONS,
    REASONS,
    Definition,
    JudgedCase,
    Value,
)
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_uuid
from shared.rpc.messages import writer
from shared.rpc.servicer import Servicer
from wangge.assessment.v1 import indicators_pb2
from wangge.assessment.v1 import indicators_service_pb2 as pb
from wangge.assessment.v1 import indicators_service_pb2_grpc as pb_grpc

write_definition = writer(
    indicators_pb2.IndicatorDefinition,
    Definition,
    names={
        "name": "name.en",
        "name_zh": "name.zh",
        "numerator": "numerator_words",
        "denominator": "denominator_words",
    },
)


class AssessmentServicer(Servicer, pb_grpc.AssessmentServiceServicer):
    """Indicators over gRPC."""

    def ListIndicators(
        self, request: pb.ListIndicatorsRequest, context: grpc.ServicerContext
    ) -> pb.ListIndicatorsResponse:
        """List the definitions in force."""
        return pb.ListIndicatorsResponse(
            indicators=[write_definition(definition) for definition in DEFINITIONS.values()]
        )

    def GetIndicator(
        self, request: pb.GetIndicatorRequest, context: grpc.ServicerContext
    ) -> pb.GetIndicatorResponse:
        """Compute an indicator."""
        now = self._clock()
        with self._unit_of_work(call.current()) as tx:
            value = usecases.get_indicator(
                tx,
                request.indicator_id,
                optional_uuid(request.grid_id, "/grid_id"),
                request.period,
                now,
            )
        return pb.GetIndicatorResponse(
            value=_value(value, request.grid_id, now), definition=write_definition(value.definition)
        )

    def ExplainIndicator(
        self, request: pb.ExplainIndicatorRequest, context: grpc.ServicerContext
    ) -> pb.ExplainIndicatorResponse:
        """List the records behind a value."""
        now = self._clock()
        asked = PageRequest.of(request)
        with self._unit_of_work(call.current()) as tx:
            value, page = usecases.explain_indicator(
                tx,
                request.indicator_id,
                optional_uuid(request.grid_id, "/grid_id"),
                request.period,
                now=now,
                asked=asked,
            )
        return pb.ExplainIndicatorResponse(
            value=_value(value, request.grid_id, now),
            facts=[_fact(judged, value.definition) for judged in page.items],
            next_page_token=page.next_page_token,
        )


def _value(value: Value, grid_id: str, now: datetime) -> indicators_pb2.IndicatorValue:
    return indicators_pb2.IndicatorValue(
        county_id=call.current().county_id,
        indicator_id=value.definition.indicator_id,
        definition_version=value.definition.version,
        grid_id=grid_id,
        period=value.period.label,
        numerator=value.numerator,
        denominator=value.denominator,
        value=value.value,
        compute_time=now,
    )


def _fact(judged: JudgedCase, definition: Definition) -> indicators_pb2.IndicatorFact:
    return indicators_pb2.IndicatorFact(
        about_type="case",
        about_id=str(judged.case_id),
        label=judged.number,
        in_numerator=judged.outcome in definition.numerator,
        due_time=judged.due_at,
        done_time=judged.handled_at,
        reason=REASONS[judged.outcome],
    )
