"""Who sees which cases, what a list shows, and what a case never tells."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest

from tests.integration.cases.county import SIBLING, TOWNSHIP, VILLAGE, County
from tests.support.refusals import refusal
from wangge.cases.v1 import case_pb2

CODE = grpc.StatusCode


@pytest.mark.parametrize(
    ("post", "seen"),
    [
        ("township", True),
        ("villager", True),
        ("office", True),
        ("ecology", True),
        ("sibling", False),
        ("police", False),
    ],
)
def test_a_case_is_read_from_its_grids_and_departments(
    county: County, post: str, seen: bool
) -> None:
    case_id = county.opened()
    person = getattr(county, post)

    assert (case_id in person.ids()) == seen
    if seen:
        assert person.get(case_id).case_id == case_id
    else:
        assert refusal(person.get, case_id).status is CODE.PERMISSION_DENIED
        history = refusal(person.call, "GetCaseHistory", case_id=case_id)
        assert history.status is CODE.PERMISSION_DENIED


def test_a_department_that_was_asked_goes_on_seeing_the_case(county: County) -> None:
    case_id = county.opened()
    county.township.take("Accept", case_id)
    county.township.take("Transfer", case_id, to_department_id="police")
    county.police.take("Decline", case_id, reason="不属我局")

    assert county.police.ids() == [case_id]
    assert county.police.get(case_id).allowed_actions == []
    assert county.township.ids() == [case_id]


@pytest.mark.parametrize("case_id", ["", "none", "6f1c0a52-93d4-4b7e-8a21-5d0c47e1b9f3"])
def test_a_case_that_is_not_there_is_not_found(county: County, case_id: str) -> None:
    for method in ("GetCase", "GetCaseHistory", "AcceptCase"):
        problem = refusal(county.township.call, method, case_id=case_id)
        assert (problem.status, problem.reason) == (CODE.NOT_FOUND, "CASE_NOT_FOUND")


def test_a_case_never_tells_who_reported_it(county: County) -> None:
    reporter = uuid4()
    case_id = county.opened(reporter_id=reporter)

    case = county.office.get(case_id)
    history = county.office.call("GetCaseHistory", case_id=case_id)

    assert str(reporter) not in str(case)
    assert str(reporter) not in str(history)


def test_the_caller_sees_the_verbs_they_may_use(county: County) -> None:
    case_id = county.opened()

    assert county.township.get(case_id).allowed_actions == ["acknowledge", "reject"]
    assert county.villager.get(case_id).allowed_actions == []
    filed = county.township.take("Accept", case_id)
    assert filed.allowed_actions == ["transfer", "handle"]
    assert county.township.take("Transfer", case_id).allowed_actions == []
    assert county.ecology.get(case_id).allowed_actions == ["accept-transfer", "decline"]
    assert county.ecology.take("Acknowledge", case_id).allowed_actions == ["handle"]
    assert county.ecology.take("Handle", case_id, result="已扑灭").allowed_actions == []
    assert county.villager.get(case_id).allowed_actions == ["verify"]
    county.villager.take("Verify", case_id, passed=True)
    assert county.township.get(case_id).allowed_actions == ["close"]


def test_a_list_is_filtered_by_what_is_asked(county: County) -> None:
    burning = county.opened()
    noise = county.opened(category="noise", grid_id=SIBLING)
    source = str(uuid4())
    township = county.opened(grid_id=TOWNSHIP, origin_id=source)
    county.township.take("Accept", noise)
    county.township.take("Transfer", noise, to_department_id="police")
    see = county.office.ids

    assert see() == [township, noise, burning]
    assert see(category="noise") == [noise]
    assert see(state=case_pb2.CASE_STATE_REPORTED) == [township, burning]
    assert see(grid_id=str(VILLAGE)) == [burning]
    assert see(grid_id=str(TOWNSHIP)) == [township, noise, burning]
    assert see(origin_id=source) == [township]
    assert see(department_id="police") == [noise]
    assert see(department_id="ecology") == []
    assert see(category="noise", grid_id=str(VILLAGE)) == []


def test_a_department_that_declined_no_longer_has_it_in_its_list(county: County) -> None:
    case_id = county.opened()
    county.township.take("Accept", case_id)
    county.township.take("Transfer", case_id)
    assert county.ecology.ids(department_id="ecology") == [case_id]

    county.ecology.take("Decline", case_id, reason="不属我局")

    assert county.ecology.ids(department_id="ecology") == []


def test_pages_follow_one_another_without_gap_or_repeat(county: County) -> None:
    first = datetime(2026, 3, 6, 2, tzinfo=UTC)
    ids = [county.opened(now=first + timedelta(minutes=n // 2)) for n in range(7)]
    seen, token, sizes = [], "", []
    while True:
        page = county.office.call("ListCases", page_size=3, page_token=token)
        seen += [case.case_id for case in page.cases]
        sizes.append(len(page.cases))
        token = page.next_page_token
        if not token:
            break
        county.opened(now=first + timedelta(days=1))

    assert sizes == [3, 3, 1]
    assert sorted(seen) == sorted(ids)
    opened = [county.office.get(case_id).open_time.seconds for case_id in seen]
    assert opened == sorted(opened, reverse=True)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"page_token": "nonsense"}, "/page_token"),
        ({"page_token": "WyJ4IiwgInkiXQ"}, "/page_token"),
        ({"page_token": "WzEsMl0"}, "/page_token"),
        ({"page_size": 501}, "/page_size"),
        ({"state": 99}, "/state"),
        ({"grid_id": "none"}, "/grid_id"),
    ],
)
def test_a_bad_filter_is_named(county: County, given: dict, pointer: str) -> None:
    problem = refusal(county.office.call, "ListCases", **given)

    assert problem.status is CODE.INVALID_ARGUMENT
    assert problem.violations[0].pointer == pointer


def test_a_grid_that_is_not_there_is_not_found(county: County) -> None:
    problem = refusal(county.office.call, "ListCases", grid_id=str(uuid4()))

    assert (problem.status, problem.reason) == (CODE.NOT_FOUND, "GRID_NOT_FOUND")
