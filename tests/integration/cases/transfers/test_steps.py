"""Offering a case to a department."""

import grpc

from tests.integration.cases.county import County
from tests.support.refusals import refusal
from wangge.cases.v1 import case_pb2

CODE = grpc.StatusCode


def test_an_offer_goes_to_the_leading_department_and_back_and_to_another(county: County) -> None:
    case_id = county.opened()
    county.township.take("Accept", case_id)

    offered = county.township.take("Transfer", case_id, reason="属其职责")
    declined = county.ecology.take("Decline", case_id, reason="属公安职责")
    again = county.township.take("Transfer", case_id, to_department_id="police")
    taken = county.police.take("Acknowledge", case_id)

    assert offered.transfers[0].to_department_id == "ecology"
    assert {clock.owner for clock in offered.clocks if not clock.HasField("stop_time")} == {
        "department:ecology"
    }
    assert declined.state == case_pb2.CASE_STATE_FILED
    assert declined.transfers[0].state == case_pb2.TRANSFER_STATE_DECLINED
    assert declined.transfers[0].decline_reason == "属公安职责"
    assert [t.to_department_id for t in again.transfers] == ["ecology", "police"]
    assert (taken.state, taken.department_id) == (case_pb2.CASE_STATE_HANDLING, "police")
    assert taken.transfers[1].state == case_pb2.TRANSFER_STATE_ACCEPTED


def test_an_unknown_department_is_named_as_the_fault(county: County) -> None:
    case_id = county.opened()
    county.township.take("Accept", case_id)

    problem = refusal(county.township.take, "Transfer", case_id, to_department_id="nobody")

    assert problem.status is CODE.INVALID_ARGUMENT
    assert problem.violations[0].pointer == "/to_department_id"


def test_a_category_that_no_department_leads_is_named(county: County) -> None:
    case_id = county.opened(category="noise")
    county.township.take("Accept", case_id)

    problem = refusal(county.township.take, "Transfer", case_id)

    assert (problem.status, problem.reason) == (CODE.FAILED_PRECONDITION, "NO_LEAD_DEPARTMENT")
    assert "noise" in problem.detail.en
    assert "noise" in problem.detail.zh
