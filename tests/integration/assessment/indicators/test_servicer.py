"""Indicators over gRPC: permissions, pages and refusals."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest

from services.assessment.serve_grpc import build
from shared.rpc import paging
from tests.integration.assessment.conftest import Town, case
from tests.integration.service_fixtures import RpcServers, Tokens, bearer
from tests.support.refusals import refusal
from wangge.assessment.v1 import indicators_service_pb2 as pb
from wangge.assessment.v1 import indicators_service_pb2_grpc as pb_grpc

HOUR = timedelta(hours=1)
DUE = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


class Reader:
    """Somebody with ``read`` on some scopes, who asks of March 2026."""

    def __init__(self, stub: pb_grpc.AssessmentServiceStub, town: Town, metadata: list) -> None:
        self.stub, self.town, self.metadata = stub, town, metadata

    def _asked(self, path: str | None, asked: dict) -> dict:
        grid = str(self.town.grids[path]["grid_id"]) if path else ""
        base = {
            "county_id": self.town.id,
            "indicator_id": "on_time_rate",
            "grid_id": grid,
            "period": "2026-03",
        }
        return {**base, **asked}

    def get(self, path: str | None = None, **asked: object) -> pb.GetIndicatorResponse:
        request = pb.GetIndicatorRequest(**self._asked(path, asked))
        return self.stub.GetIndicator(request, metadata=self.metadata)

    def explain(self, path: str | None = None, **asked: object) -> pb.ExplainIndicatorResponse:
        request = pb.ExplainIndicatorRequest(**self._asked(path, asked))
        return self.stub.ExplainIndicator(request, metadata=self.metadata)


@pytest.fixture
def reader(rpc: RpcServers, town: Town, token: Tokens) -> Callable[..., Reader]:
    stub = pb_grpc.AssessmentServiceStub(rpc("assessment", build))

    def make(*scopes: str, county: str | None = None) -> Reader:
        caps: dict[str, Sequence[str]] = {"read": scopes} if scopes else {}
        mine = token(county_id=county or town.id, capabilities=caps)
        return Reader(stub, town, bearer(mine))

    return make


def test_a_value_comes_with_its_definition(reader: Callable, town: Town) -> None:
    town.keep(case(DUE, DUE - HOUR), case(DUE, DUE + HOUR), case(DUE), case(DUE, DUE - HOUR))

    answer = reader("g:").get()

    assert (answer.value.numerator, answer.value.denominator) == (2, 4)
    assert answer.value.value == 0.5
    assert (answer.value.period, answer.value.definition_version) == ("2026-03", 1)
    assert answer.value.county_id == town.id
    assert answer.definition.name_zh == "按期处置率"
    assert answer.definition.source


def test_where_nothing_was_due_there_is_no_value(reader: Callable) -> None:
    value = reader("g:").get().value

    assert value.denominator == 0
    assert not value.HasField("value")


def test_the_definitions_are_open_to_everyone_of_the_county(reader: Callable, town: Town) -> None:
    nobody = reader()

    listed = nobody.stub.ListIndicators(
        pb.ListIndicatorsRequest(county_id=town.id), metadata=nobody.metadata
    )

    assert {i.indicator_id for i in listed.indicators} == {"on_time_rate", "handling_rate"}


def test_one_reads_ones_own_subtree_and_the_county_with_the_whole_county_only(
    reader: Callable, town: Town
) -> None:
    town.keep(case(DUE, DUE - HOUR, "1.2."), case(DUE, None, "10."))
    village = reader("g:1.2.")

    assert village.get("1.2.").value.denominator == 1
    for act, path in (
        (village.get, "1."),
        (village.get, "1.3."),
        (village.get, None),
        (village.explain, None),
        (village.explain, "10."),
        (reader("g:1.").get, "10."),
        (reader("d:ecology").get, None),
        (reader().get, "1.2."),
    ):
        assert refusal(act, path).status is grpc.StatusCode.PERMISSION_DENIED
    assert reader("g:").get().value.denominator == 2


@pytest.mark.requirement("R-TEN-01", part="indicators")
def test_another_countys_indicators_are_not_found(
    reader: Callable, town: Town, other_town: Town
) -> None:
    town.keep(case(DUE))
    stranger = reader("g:", county=other_town.id)

    assert refusal(stranger.get).reason == "COUNTY_NOT_FOUND"
    assert refusal(stranger.get, "1.", county_id=other_town.id).reason == "GRID_NOT_FOUND"
    assert stranger.get(county_id=other_town.id).value.denominator == 0


def test_the_pages_of_an_explanation_join_to_the_value(reader: Callable, town: Town) -> None:
    outcomes = {DUE - HOUR: "按期处置", DUE + HOUR: "超期处置", None: "超期未处置"}
    kept = [case(DUE, list(outcomes)[n % 3], "1.2.", number=f"2026-{n:06}") for n in range(11)]
    town.keep(*kept)
    all_of_it = reader("g:")

    facts, page_token = [], ""
    while True:
        page = all_of_it.explain(page_size=4, page_token=page_token)
        assert len(page.facts) <= 4
        facts += page.facts
        page_token = page.next_page_token
        if not page_token:
            break

    assert len(facts) == len({fact.about_id for fact in facts}) == page.value.denominator == 11
    assert sum(fact.in_numerator for fact in facts) == page.value.numerator == 4
    expected = {str(k.case_id): (k.number, outcomes[k.handled_at]) for _, k in kept}
    assert {fact.about_id: (fact.label, fact.reason) for fact in facts} == expected
    assert all(fact.HasField("done_time") == (fact.reason != "超期未处置") for fact in facts)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"period": "2026-13"}, "/period"),
        ({"period": "soon"}, "/period"),
        ({"grid_id": "no id"}, "/grid_id"),
        ({"page_size": 501}, "/page_size"),
        ({"page_token": "!"}, "/page_token"),
        ({"page_token": paging.encode("no id")}, "/page_token"),
        ({"page_token": paging.encode(7)}, "/page_token"),
    ],
)
def test_a_bad_question_names_the_field(reader: Callable, asked: dict, pointer: str) -> None:
    problem = refusal(reader("g:").explain, **asked)

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.pointer for violation in problem.violations] == [pointer]


def test_what_does_not_exist_is_not_found(reader: Callable) -> None:
    anyone = reader("g:")

    assert refusal(anyone.get, indicator_id="made_up").reason == "INDICATOR_NOT_FOUND"
    assert refusal(anyone.get, grid_id=str(uuid4())).reason == "GRID_NOT_FOUND"


def test_a_county_whose_structure_has_not_arrived_is_told_to_come_again(
    reader: Callable, town: Town
) -> None:
    fresh = f"{town.id}-new"

    problem = refusal(reader("g:", county=fresh).get, county_id=fresh)

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "STRUCTURE_NOT_READY",
    )
