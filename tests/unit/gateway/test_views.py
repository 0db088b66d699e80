"""How messages look as JSON."""

from datetime import UTC, datetime

import orjson
from google.protobuf.descriptor import FieldDescriptor

from gateway.routes import ROUTES
from gateway.views import to_json, view_of
from shared.rpc.options import enum_names
from wangge.assessment.v1 import indicators_pb2
from wangge.cases.v1 import case_pb2
from wangge.grid.v1 import schemes_pb2


def shown(message: object) -> dict[str, object]:
    descriptor = message.DESCRIPTOR  # type: ignore[attr-defined]
    document: dict[str, object] = orjson.loads(to_json(view_of(descriptor)(message)))
    return document


def test_what_is_absent_is_null() -> None:
    document = shown(case_pb2.Case())

    assert document["open_time"] is None
    assert document["longitude"] is None
    assert document["state"] is None
    assert document["clocks"] == []
    assert document["department_id"] == ""


def test_zero_that_was_given_is_not_absent() -> None:
    assert shown(case_pb2.Case(longitude=0.0))["longitude"] == 0.0
    assert shown(indicators_pb2.IndicatorValue(value=0.0))["value"] == 0.0
    assert shown(indicators_pb2.IndicatorValue())["value"] is None


def test_times_are_utc_with_as_many_digits_as_they_need() -> None:
    case = case_pb2.Case(open_time=datetime(2026, 3, 5, 8, 30, tzinfo=UTC))
    case.close_time.FromJsonString("2026-03-05T08:30:00.123456789Z")

    document = shown(case)

    assert document["open_time"] == "2026-03-05T08:30:00Z"
    assert document["close_time"] == "2026-03-05T08:30:00.123456Z"


def test_the_first_moment_of_1970_is_a_moment() -> None:
    case = case_pb2.Case()
    case.open_time.SetInParent()

    assert shown(case)["open_time"] == "1970-01-01T00:00:00Z"


def test_64_bit_integers_are_numbers() -> None:
    assert shown(case_pb2.Case(version=2**53 + 1))["version"] == 2**53 + 1


def test_enums_are_lower_case_without_their_prefix() -> None:
    names = enum_names(case_pb2.CaseState.DESCRIPTOR)

    assert names[case_pb2.CASE_STATE_FILED] == "filed"
    assert names[0] is None
    assert shown(case_pb2.HistoryEntry(to_state=case_pb2.CASE_STATE_MERGED))["to_state"] == "merged"


def test_an_enum_value_newer_than_the_gateway_shows_its_number() -> None:
    case = case_pb2.Case()
    case.MergeFromString(b"\x20\x63")  # state = 99

    assert shown(case)["state"] == "99"


def test_embedded_documents_are_json() -> None:
    scheme = schemes_pb2.Scheme(document_json='{"levels":[{"number":null}]}')

    document = shown(scheme)

    assert document["document"] == {"levels": [{"number": None}]}
    assert "document_json" not in document
    assert shown(schemes_pb2.Template())["document"] is None


def test_every_answer_of_the_table_can_be_shown_empty_and_full() -> None:
    for route in ROUTES:
        message = route.rpc.response()
        assert shown(message).keys()
        for field in message.DESCRIPTOR.fields:
            if field.type == FieldDescriptor.TYPE_MESSAGE and not field.is_repeated:
                getattr(message, field.name).SetInParent()
        assert shown(message).keys()
