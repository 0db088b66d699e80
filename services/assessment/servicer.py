"""gRPC in and out: messages to domain objects and back, nothing else."""

from collections.abc import Callable
from datetime import datetime

import grpc

from services.assessment import usecases
from services.assessment.domain import DEFINITIONS, REASONS, Definition, JudgedCase, Value
from services.assessment.store import AssessmentTransaction
from shared.db.transaction import UnitOfWork
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import optional_uuid
from shared.rpc.rules import Rule, Rules
from wangge.assessment.v1 import assessment_service_pb2 as pb
from wangge.assessment.v1 import assessment_service_pb2_grpc as pb_grpc
from wangge.assessment.v1 import indicator_pb2

RULES: Rules = {
    "ListIndicators": Rule(any_post=True),
    "GetIndicator": Rule.needs("read"),
    "ExplainIndicator": Rule.needs("read"),
}


class AssessmentServicer(pb_grpc.AssessmentServiceServicer):
    """Indicators over gRPC."""

    def __init__(
        self, unit_of_work: UnitOfWork[AssessmentTransaction], clock: Callable[[], datetime]
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def ListIndicators(
        self, request: pb.ListIndicatorsRequest, context: grpc.ServicerContext
    ) -> pb.ListIndicatorsResponse:
        """List the definitions in force."""
        return pb.ListIndicatorsResponse(
            indicators=[_definition(definition) for definition in DEFINITIONS.values()]
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
            value=_value(value, request.grid_id, now), definition=_definition(value.definition)
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


def _definition(definition: Definition) -> indicator_pb2.IndicatorDefinition:
    return indicator_pb2.IndicatorDefinition(
        indicator_id=definition.indicator_id,
        version=definition.version,
        name=definition.name.en,
        name_zh=definition.name.zh,
        numerator=definition.numerator_words,
        denominator=definition.denominator_words,
        source=definition.source,
    )


def _value(value: Value, grid_id: str, now: datetime) -> indicator_pb2.IndicatorValue:
    return indicator_pb2.IndicatorValue(
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


def _fact(judged: JudgedCase, definition: Definition) -> indicator_pb2.IndicatorFact:
    return indicator_pb2.IndicatorFact(
        about_type="case",
        about_id=str(judged.case_id),
        label=judged.number,
        in_numerator=judged.outcome in definition.numerator,
        due_time=judged.due_at,
        done_time=judged.handled_at,
        reason=REASONS[judged.outcome],
    )
