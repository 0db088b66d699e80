"""Leave, vacancies and the staffing check over real HTTP."""

from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.conftest import COUNTY, Services, Tokens
from wangge.personnel.v1 import absences_pb2, staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb

BASE = f"/v1/counties/{COUNTY}"


def test_a_leave_reaches_the_service_as_it_was_asked_for(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    person, post, stand_in = (str(uuid4()) for _ in range(3))
    recorded = absences_pb2.Leave(
        leave_id=str(uuid4()), kind=absences_pb2.LEAVE_KIND_BUSINESS_TRIP, version=1
    )
    services.answer("RecordLeave", pb.RecordLeaveResponse(leave=recorded))
    body = {
        "person_id": person,
        "kind": "business_trip",
        "valid_from": "2026-05-06T08:00:00+08:00",
        "valid_to": "2026-05-09T08:00:00+08:00",
        "uncovered": True,
        "stand_ins": [{"post_id": post, "stand_in_id": stand_in}],
    }

    response = http_client.post(f"{BASE}/leaves", json=body, headers=signed_in("staff"))

    request = services.last.request
    assert (response.status_code, response.json()["kind"]) == (201, "business_trip")
    assert (request.person_id, request.uncovered) == (person, True)
    assert request.kind == absences_pb2.LEAVE_KIND_BUSINESS_TRIP
    assert request.valid_from.ToDatetime(tzinfo=UTC) == datetime(2026, 5, 6, tzinfo=UTC)
    assert [(e.post_id, e.stand_in_id) for e in request.stand_ins] == [(post, stand_in)]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "holiday"}, "/kind"),
        ({"person_id": "x"}, "/person_id"),
        ({"valid_to": "tomorrow"}, "/valid_to"),
        ({"stand_ins": [{"stand_in_id": str(uuid4())}]}, "/stand_ins/0/post_id"),
        ({"uncovered": "yes"}, "/uncovered"),
        ({"reason": "x"}, "/reason"),
    ],
)
def test_a_wrong_leave_is_refused_at_its_field_in_both_languages(
    http_client: httpx.Client,
    signed_in: Tokens,
    services: Services,
    *,
    change: dict[str, object],
    pointer: str,
) -> None:
    body = {
        "person_id": str(uuid4()),
        "kind": "sick",
        "valid_from": "2026-05-06T08:00:00+08:00",
        "valid_to": "2026-05-09T08:00:00+08:00",
        **change,
    }
    details = []
    for language in ("en", "zh"):
        headers = signed_in("staff") | {"Accept-Language": language}
        response = http_client.post(f"{BASE}/leaves", json=body, headers=headers)
        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert error["pointer"] == pointer
        details.append(error["detail"])

    assert len(set(details)) == 2
    assert services.received == []


def test_vacancies_and_the_check_are_shown_as_json(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    gap = staffing_pb2.Gap(kind=staffing_pb2.GAP_KIND_VACANT, role_type="v.direct", required=1)
    services.answer("ListVacancies", pb.ListVacanciesResponse(vacancies=[gap]))
    total = staffing_pb2.StaffingTotal(
        title="监管员",
        state=staffing_pb2.TOTAL_STATE_NOT_STATED,
        reason=staffing_pb2.Reason(en="Not stated.", zh="未说明。"),
    )
    rule = staffing_pb2.StaffingRule(role_type="v.direct", min=1, places=4)
    services.answer("CheckStaffing", pb.CheckStaffingResponse(totals=[total], rules=[rule]))
    readers = signed_in("read")

    vacant = http_client.get(f"{BASE}/posts:vacancies?page_size=5", headers=readers).json()
    assert services.last.request.page_size == 5
    check = http_client.get(f"{BASE}/staffing:check", headers=readers).json()

    assert vacant["vacancies"][0]["kind"] == "vacant"
    assert vacant["vacancies"][0]["until"] is None
    assert check["totals"][0]["count"] is None
    assert check["totals"][0]["state"] == "not_stated"
    assert check["totals"][0]["reason"] == {"en": "Not stated.", "zh": "未说明。"}
    assert (check["rules"][0]["min"], check["rules"][0]["max"]) == (1, None)


def test_a_hand_over_takes_the_version_and_the_key(
    http_client: httpx.Client, signed_in: Tokens, services: Services
) -> None:
    post, person = str(uuid4()), str(uuid4())
    headers = signed_in("staff") | {"If-Match": '"3"', "Idempotency-Key": "once"}

    response = http_client.post(
        f"{BASE}/posts/{post}:hand-over", json={"person_id": person}, headers=headers
    )

    request = services.last.request
    assert response.status_code == 200
    assert (request.post_id, request.person_id) == (post, person)
    assert (request.expected_version, request.request_id) == (3, "once")
    refused = http_client.post(
        f"{BASE}/posts/{post}:hand-over", json={"person_id": person}, headers=signed_in("read")
    )
    assert refused.status_code == 403
