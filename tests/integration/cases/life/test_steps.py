"""The way of a case through the real service: steps, refusals, events."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import pytest
from sqlalchemy import text

from tests.integration.cases.county import DOCUMENT, TOWNSHIP, County, MakeCounty, Outbox
from tests.integration.service_fixtures import Databases
from tests.support.refusals import refusal
from wangge.cases.v1 import case_pb2

CODE = grpc.StatusCode


@pytest.mark.requirement("R-CASE-38")
def test_a_case_goes_from_report_to_close(county: County, outbox: Outbox) -> None:
    case_id = county.handled()
    verified = county.villager.take("Verify", case_id, passed=True, note="现场已清理")
    closed = county.township.take("Close", case_id)

    assert verified.HasField("verify_time")
    assert closed.state == case_pb2.CASE_STATE_CLOSED
    assert closed.version == 7
    assert [key for key, _ in outbox(county.county_id)] == [
        "case.opened.v1",
        "case.accepted.v1",
        "case.transferred.v1",
        "case.transfer-accepted.v1",
        "case.handled.v1",
        "case.verified.v1",
        "case.closed.v1",
    ]
    history = county.township.call("GetCaseHistory", case_id=case_id)
    assert history.whole
    assert [e.action for e in history.entries] == [
        "opened",
        "accept",
        "transfer",
        "acknowledge",
        "handle",
        "verify",
        "close",
    ]
    actors = [e.actor_id for e in history.entries]
    assert actors[0] == ""
    assert actors[1] == str(county.township.person_id)
    assert actors[4] == str(county.ecology.person_id)


def test_events_carry_the_facts_and_no_numbers_of_people(county: County, outbox: Outbox) -> None:
    case_id = county.handled()

    handled = dict(outbox(county.county_id))["case.handled.v1"]

    assert handled["case_id"] == case_id
    assert handled["department_id"] == "ecology"
    assert handled["result"] == "已扑灭,联系人 ***"
    assert [c["kind"] for c in handled["clocks"]] == ["acknowledge", "dispose", "check"]
    assert county.ecology.get(case_id).result == "已扑灭,联系人 13800138000"


def test_a_closing_carries_the_masked_result_and_who_reads_it(
    county: County, outbox: Outbox
) -> None:
    case_id = county.handled()
    county.villager.take("Verify", case_id, passed=True, note="现场已清理")
    county.township.take("Close", case_id)

    closed = dict(outbox(county.county_id))["case.closed.v1"]

    assert closed["result"] == "已扑灭,联系人 ***"
    assert closed["masked"] == [{"kind": "phone", "count": 1}]
    assert closed["reader_department_ids"] == ["ecology"]
    assert "13800138000" not in str(closed)


def test_a_rejected_case_says_why(county: County) -> None:
    case_id = county.opened()

    blank = refusal(county.township.take, "Reject", case_id, reason="  ")
    rejected = county.township.take("Reject", case_id, reason="现场核实为炊烟")

    assert (blank.status, blank.violations[0].pointer) == (CODE.INVALID_ARGUMENT, "/reason")
    assert rejected.state == case_pb2.CASE_STATE_REJECTED
    assert not rejected.allowed_actions
    entries = county.township.call("GetCaseHistory", case_id=case_id).entries
    assert entries[-1].note == "现场核实为炊烟"


def test_every_owner_of_a_clock_is_kept(county: County, databases: Databases) -> None:
    county.handled()

    with databases.admin_engine("cases").connect() as connection:
        owners = connection.execute(
            text(
                "SELECT owner FROM case_clock_segments WHERE county_id = :c AND clock_no = 1 "
                "ORDER BY segment_no"
            ),
            {"c": county.county_id},
        ).scalars()
        assert list(owners) == [f"grid:{TOWNSHIP}", "department:ecology"]


@pytest.mark.requirement("R-CASE-11")
def test_a_case_is_not_closed_before_the_department_answered_and_that_was_verified(
    county: County,
) -> None:
    case_id = county.opened()
    county.township.take("Accept", case_id)
    county.township.take("Transfer", case_id)
    county.ecology.take("Acknowledge", case_id)

    early = refusal(county.township.take, "Close", case_id)
    county.ecology.take("Handle", case_id, result="已清理")
    unverified = refusal(county.township.take, "Close", case_id)

    assert early.reason == "CASE_TRANSITION_NOT_ALLOWED"
    assert early.metadata["state"] == "handling"
    assert early.metadata["action"] == "close"
    assert county.township.get(case_id).result == "已清理"
    assert unverified.reason == "CASE_NOT_VERIFIED"


def test_a_result_that_does_not_hold_goes_back_with_a_note(county: County) -> None:
    case_id = county.handled()

    silent = refusal(county.villager.take, "Verify", case_id, passed=False)
    back = county.villager.take("Verify", case_id, passed=False, note="仍有余火")
    again = county.ecology.take("Handle", case_id, result="余火已灭")

    assert silent.violations[0].pointer == "/note"
    assert back.state == case_pb2.CASE_STATE_HANDLING
    assert back.department_id == "ecology"
    assert not back.HasField("handle_time")
    assert again.state == case_pb2.CASE_STATE_HANDLED
    assert len([c for c in again.clocks if c.kind == "check"]) == 2
    assert county.township.call("GetCaseHistory", case_id=case_id).whole


def test_who_handled_it_does_not_verify_it(county: County) -> None:
    both = county.somebody(handle=["g:3."], verify=["g:3."], read=["g:3."])
    case_id = county.opened()
    county.township.take("Accept", case_id)
    handled = both.take("Handle", case_id, result="已清理")

    problem = refusal(both.take, "Verify", case_id, passed=True)

    assert problem.status is CODE.PERMISSION_DENIED
    assert problem.reason == "CASE_VERIFIER_HANDLED_IT"
    assert "verify" not in handled.allowed_actions
    assert county.villager.take("Verify", case_id, passed=True).HasField("verify_time")


def test_permission_comes_before_state(county: County) -> None:
    case_id = county.opened()
    county.township.take("Reject", case_id, reason="不属实")
    stranger = county.somebody(accept=["g:4."], read=["g:4."])

    assert refusal(stranger.take, "Accept", case_id).status is CODE.PERMISSION_DENIED
    assert refusal(county.township.take, "Accept", case_id).status is CODE.FAILED_PRECONDITION


def test_a_stale_version_changes_nothing(county: County, outbox: Outbox) -> None:
    case_id = county.opened()

    problem = refusal(county.township.take, "Accept", case_id, expected_version=7)

    assert (problem.status, problem.reason) == (CODE.ABORTED, "STALE_VERSION")
    assert problem.metadata == {"expected": "7", "actual": "1"}
    assert county.township.get(case_id).state == case_pb2.CASE_STATE_REPORTED
    assert [key for key, _ in outbox(county.county_id)] == ["case.opened.v1"]
    assert county.township.take("Accept", case_id, expected_version=1).version == 2


def test_the_same_request_has_one_effect(county: County, outbox: Outbox) -> None:
    case_id, key = county.opened(), str(uuid4())

    first = county.township.take("Accept", case_id, request_id=key)
    second = county.township.take("Accept", case_id, request_id=key)

    assert first == second
    assert [key for key, _ in outbox(county.county_id)] == ["case.opened.v1", "case.accepted.v1"]


def test_a_key_with_another_content_is_refused(county: County) -> None:
    case_id, key = county.opened(), str(uuid4())
    county.township.take("Accept", case_id, request_id=key)

    problem = refusal(county.township.take, "Accept", case_id, request_id=key, note="另一内容")

    assert problem.reason == "IDEMPOTENCY_KEY_REUSED"


def test_a_village_closes_where_the_county_lets_villages_close(
    make_county: MakeCounty, county_id: str
) -> None:
    powers = [*DOCUMENT["cases"]["powers"], {"level": "village", "may": ["close"]}]
    document = {**DOCUMENT, "cases": {**DOCUMENT["cases"], "powers": powers}}
    generous, strict = make_county(county_id, document), make_county(f"{county_id}-b")

    for county, expected in ((generous, True), (strict, False)):
        village = county.somebody(close=["g:3.41."], read=["g:3.41."])
        case_id = county.handled()
        county.villager.take("Verify", case_id, passed=True)
        assert ("close" in village.get(case_id).allowed_actions) == expected
        if expected:
            assert village.take("Close", case_id).state == case_pb2.CASE_STATE_CLOSED
        else:
            assert refusal(village.take, "Close", case_id).status is CODE.PERMISSION_DENIED


def test_two_who_accept_at_once_are_one_acceptance(county: County, outbox: Outbox) -> None:
    case_id = county.opened()

    def accept(_: int) -> str:
        try:
            county.township.take("Accept", case_id)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(accept, range(8)))

    assert answers == ["FAILED_PRECONDITION"] * 7 + ["OK"]
    assert len(outbox(county.county_id)) == 2
    assert county.township.call("GetCaseHistory", case_id=case_id).whole
