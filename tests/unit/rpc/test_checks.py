"""What the guard says of requests by the options of their protos."""

import math
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from shared.errors import InvalidArgument
from shared.rpc.checks import check_of
from wangge.patrols.v1 import ledger_service_pb2 as pb

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
check_submission = check_of(pb.SubmitPatrolRequest.DESCRIPTOR)


def submission(**given: Any) -> pb.SubmitPatrolRequest:
    usual: dict[str, Any] = {
        "county_id": "t1",
        "client_id": "phone-1",
        "grid_id": str(uuid4()),
        "start_time": NOW,
        "end_time": NOW,
        "signature": {"sign_time": NOW},
    }
    return pb.SubmitPatrolRequest(**{**usual, **given})


def finding(**given: Any) -> dict[str, Any]:
    return {"category": "a", "description": "b", "found_time": NOW, **given}


def faults(request: pb.SubmitPatrolRequest) -> dict[str, str]:
    with pytest.raises(InvalidArgument) as caught:
        check_submission(request)
    for violation in caught.value.violations:
        assert not violation.detail.zh.isascii()
    return {violation.pointer: violation.detail.en for violation in caught.value.violations}


def test_what_is_right_passes() -> None:
    check_submission(submission(findings=[finding(longitude=0.0, latitude=-90.0)] * 50))


def test_texts_are_trimmed_and_ids_written_in_lower_case() -> None:
    request = submission(
        client_id=" a ",
        grid_id=str(uuid4()).upper(),
        pollution_source_ids=["A" * 8 + str(uuid4())[8:]],
    )

    check_submission(request)

    assert request.client_id == "a"
    assert request.grid_id == request.grid_id.lower()
    assert request.pollution_source_ids[0].startswith("a" * 8)


@pytest.mark.parametrize(
    ("given", "pointer", "detail"),
    [
        ({"client_id": ""}, "/client_id", "Missing data for required field."),
        ({"client_id": "   "}, "/client_id", "Length must be between 1 and 128."),
        ({"client_id": "x" * 129}, "/client_id", "Length must be between 1 and 128."),
        ({"client_id": "a\x07"}, "/client_id", "Control characters are not allowed."),
        ({"grid_id": "1"}, "/grid_id", "Not a valid UUID."),
        ({"start_time": None}, "/start_time", "Missing data for required field."),
        ({"start_time": datetime(3300, 1, 1, tzinfo=UTC)}, "/start_time",
         "The year must be from 1900 to 2999."),
        ({"summary": "x" * 4001}, "/summary", "Length must be between 0 and 4000."),
        ({"findings": [finding()] * 51}, "/findings", "Longer than maximum length 50."),
        ({"findings": [finding(), finding(category="")]}, "/findings/1/category",
         "Missing data for required field."),
        ({"findings": [finding(longitude=180.5)]}, "/findings/0/longitude",
         "Must be greater than or equal to -180 and less than or equal to 180."),
        ({"findings": [finding(latitude=math.nan)]}, "/findings/0/latitude",
         "Special numeric values (nan or infinity) are not permitted."),
        ({"signature": None}, "/signature", "Missing data for required field."),
        ({"signature": {"sign_time": NOW, "content_hash": "a"}}, "/signature/content_hash",
         "Length must be 64."),
        ({"pollution_source_ids": [str(uuid4()), "x"]}, "/pollution_source_ids/1", "Not a valid UUID."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(given: Any, pointer: str, detail: str) -> None:
    assert faults(submission(**given)) == {pointer: detail}


def test_every_fault_is_named_at_once() -> None:
    assert set(faults(pb.SubmitPatrolRequest(findings=[{}]))) == {
        "/client_id",
        "/grid_id",
        "/start_time",
        "/end_time",
        "/signature",
        "/findings/0/category",
        "/findings/0/description",
        "/findings/0/found_time",
    }


def test_ids_in_paths_and_the_callers_county_are_no_question_of_options() -> None:
    check_of(pb.GetPatrolRequest.DESCRIPTOR)(pb.GetPatrolRequest(patrol_id="nonsense"))


def test_a_page_has_its_limits_and_a_filter_its_form() -> None:
    check = check_of(pb.ListPatrolsRequest.DESCRIPTOR)
    check(pb.ListPatrolsRequest(page_size=500))

    with pytest.raises(InvalidArgument) as caught:
        check(pb.ListPatrolsRequest(page_size=501, page_token="x" * 2049, grid_id="x"))

    pointers = [violation.pointer for violation in caught.value.violations]
    assert pointers == ["/page_size", "/page_token", "/grid_id"]
