"""Leave and stand-ins, over gRPC and a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from shared.rpc.errors import problem_of
from tests.integration.personnel.answers import (
    DAY,
    NOW,
    end_leave,
    events,
    leave,
    pointers,
    responsible,
    vacancies,
)
from tests.integration.personnel.conftest import PASSWORD, County, Personnel
from tests.support.refusals import refusal
from wangge.personnel.v1 import absences_pb2, staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb


@pytest.fixture
def holder(personnel: Personnel, county: County) -> tuple[str, Any]:
    """Somebody with a post on the village: person and post."""
    person_id = personnel.person(county.id, "责任人甲")
    post = personnel.post(
        county.id, person_id, "village.patroller", grid_id=county.village, valid_from=NOW - 30 * DAY
    )
    return person_id, post


@pytest.mark.requirement("R-PERS-30")
def test_during_leave_the_stand_in_answers_for_the_post_and_may_do_what_it_takes(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    person_id, post = holder
    stand_in = personnel.person(county.id, "代班人乙", username="standin", password=PASSWORD)

    recorded = leave(personnel, county, person_id, stand_in_id=stand_in)

    [answer] = responsible(personnel, county, county.village).responsible
    assert (answer.person_name, answer.away) == ("责任人甲", True)
    assert (answer.stand_in_id, answer.stand_in_name) == (stand_in, "代班人乙")
    assert answer.away_until == recorded.valid_to
    claims = personnel.claims(personnel.sign_in(county.id, "standin"))
    assert claims.capabilities["patrol"] == ("g:1.2.",)
    assert events(personnel, county.id, "leave.recorded.v1") == [
        {
            "leave_id": recorded.leave_id,
            "post_id": post.post_id,
            "person_id": person_id,
            "stand_in_id": stand_in,
            "valid_from": (NOW - DAY).isoformat(),
            "valid_to": (NOW + 10 * DAY).isoformat(),
        }
    ]


def test_what_a_stand_in_may_do_ends_with_the_leave(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    stand_in = personnel.person(county.id, username="standin", password=PASSWORD)
    soon = datetime.now(UTC) + timedelta(minutes=3)
    recorded = leave(personnel, county, holder[0], stand_in_id=stand_in, valid_to=soon)

    tokens = personnel.sign_in(county.id, "standin")

    assert tokens.expires_in <= 180
    end_leave(personnel, county, recorded.leave_id)
    with pytest.raises(grpc.RpcError) as caught:
        personnel.refresh(county.id, tokens.refresh_token)
    assert problem_of(caught.value).status is grpc.StatusCode.UNAUTHENTICATED
    [answer] = responsible(personnel, county, county.village).responsible
    assert (answer.away, answer.stand_in_id) == (False, "")


def test_leave_to_come_changes_nothing_yet(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    stand_in = personnel.person(county.id)
    leave(personnel, county, holder[0], stand_in_id=stand_in, valid_from=NOW + DAY)

    [now] = responsible(personnel, county, county.village).responsible
    [then] = responsible(personnel, county, county.village, at=NOW + 2 * DAY).responsible
    [after] = responsible(personnel, county, county.village, at=NOW + 10 * DAY).responsible

    assert [each.stand_in_id for each in (now, then, after)] == ["", stand_in, ""]


def test_every_post_has_its_own_stand_in_and_one_may_openly_have_none(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    person_id, post = holder
    other = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    stand_in = personnel.person(county.id)

    recorded = leave(
        personnel, county, person_id, stand_in_id=stand_in,
        stand_ins=[absences_pb2.StandIn(post_id=other.post_id, uncovered=True)],
    )  # fmt: skip

    found = {each.post_id: (each.stand_in_id, each.uncovered) for each in recorded.stand_ins}
    assert found == {post.post_id: (stand_in, False), other.post_id: ("", True)}
    [gap] = vacancies(personnel, county).vacancies
    assert (gap.kind, gap.post_id) == (staffing_pb2.GAP_KIND_UNCOVERED, other.post_id)
    assert gap.person_id == person_id


def wrong_leaves(known: dict[str, str]) -> list[tuple[dict, list[str]]]:
    unknown, entry = str(uuid4()), absences_pb2.StandIn
    post = known["post"]
    return [
        ({"person_id": ""}, ["/person_id"]),
        ({"person_id": "x", "stand_in_id": "y"}, ["/person_id", "/stand_in_id"]),
        ({"person_id": unknown, "uncovered": True}, ["/person_id"]),
        ({"person_id": known["foreigner"], "uncovered": True}, ["/person_id"]),
        ({"kind": 0, "uncovered": True}, ["/kind"]),
        ({"valid_to": NOW - DAY, "uncovered": True}, ["/valid_to"]),
        ({}, ["/stand_ins"]),
        ({"stand_in_id": known["holder"]}, ["/stand_in_id"]),
        ({"stand_in_id": unknown}, ["/stand_in_id"]),
        ({"stand_in_id": known["foreigner"]}, ["/stand_in_id"]),
        ({"stand_in_id": known["away"]}, ["/stand_in_id"]),
        ({"stand_in_id": known["there"], "uncovered": True}, ["/uncovered"]),
        (
            {"stand_ins": [entry(post_id=unknown, stand_in_id=unknown), entry(post_id="z")]},
            ["/stand_ins/1/post_id"],
        ),
        (
            {"stand_ins": [entry(post_id=unknown, stand_in_id=unknown)]},
            ["/stand_ins/0/stand_in_id", "/stand_ins/0/post_id", "/stand_ins"],
        ),
        (
            {"stand_ins": [entry(post_id=post, uncovered=True)] * 2},
            ["/stand_ins/1/post_id"],
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("case", range(15))
def test_wrong_leave_is_refused_naming_every_fault(
    personnel: Personnel, county: County, holder: tuple, make_county: Any, *, case: int
) -> None:
    elsewhere = make_county(f"t-{uuid4().hex[:10]}")
    away, there = personnel.person(county.id), personnel.person(county.id)
    leave(personnel, county, away, valid_from=NOW + 9 * DAY, valid_to=NOW + 20 * DAY)
    known = {
        "holder": holder[0],
        "post": holder[1].post_id,
        "away": away,
        "there": there,
        "foreigner": personnel.person(elsewhere.id),
    }
    given, expected = wrong_leaves(known)[case]

    problem = refusal(leave, personnel, county, **{"person_id": holder[0], **given})

    assert sorted(pointers(problem)) == sorted(expected)
    assert events(personnel, county.id, "leave.recorded.v1") == []


def test_leave_that_overlaps_another_of_the_person_is_refused(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    first = leave(personnel, county, holder[0], uncovered=True)
    second = {"uncovered": True, "valid_from": NOW + 5 * DAY, "valid_to": NOW + 20 * DAY}

    assert pointers(refusal(leave, personnel, county, holder[0], **second)) == ["/valid_from"]
    end_leave(personnel, county, first.leave_id, valid_to=NOW + 4 * DAY)
    assert leave(personnel, county, holder[0], **second).leave_id


def test_a_stand_in_who_leaves_hands_the_post_on(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    person_id, post = holder
    second, third = personnel.person(county.id), personnel.person(county.id)
    first_leave = leave(personnel, county, person_id, stand_in_id=second)
    short = {"valid_from": NOW - DAY / 2, "valid_to": NOW + DAY}

    nobody = refusal(leave, personnel, county, second, **short)
    back = refusal(leave, personnel, county, second, stand_in_id=person_id, **short)
    recorded = leave(personnel, county, second, stand_in_id=third, **short)

    assert pointers(nobody) == ["/stand_ins"]
    assert pointers(back) == ["/stand_in_id"]
    assert [each.post_id for each in recorded.stand_ins] == [post.post_id]
    [now] = responsible(personnel, county, county.village).responsible
    [later] = responsible(personnel, county, county.village, at=NOW + 2 * DAY).responsible
    assert (now.stand_in_id, now.away_until) == (third, recorded.valid_to)
    assert (later.stand_in_id, later.away_until) == (second, first_leave.valid_to)


def test_a_stand_in_who_leaves_nobody_behind_makes_a_gap(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    second = personnel.person(county.id)
    leave(personnel, county, holder[0], stand_in_id=second)
    leave(personnel, county, second, uncovered=True)

    [gap] = vacancies(personnel, county).vacancies
    [answer] = responsible(personnel, county, county.village).responsible

    assert (gap.kind, gap.person_id) == (staffing_pb2.GAP_KIND_UNCOVERED, holder[0])
    assert (answer.away, answer.stand_in_id) == (True, "")


def test_two_who_would_stand_in_for_each_other_at_once_do_not_both_get_leave(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    person_id, _ = holder
    other = personnel.person(county.id)
    personnel.post(county.id, other, "village.patroller", grid_id=county.village)

    def ask(pair: tuple[str, str]) -> str:
        try:
            leave(personnel, county, pair[0], stand_in_id=pair[1])
        except grpc.RpcError as error:
            return str(problem_of(error).status.name)
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(ask, [(person_id, other), (other, person_id)]))

    assert answers == ["INVALID_ARGUMENT", "recorded"]


def test_leave_ends_early_is_cancelled_before_it_begins_and_never_grows(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    person_id, _ = holder
    to_come = leave(personnel, county, person_id, uncovered=True, valid_from=NOW + DAY)

    cancelled = end_leave(personnel, county, to_come.leave_id, expected_version=1)
    again = refusal(end_leave, personnel, county, to_come.leave_id)
    running = leave(personnel, county, person_id, uncovered=True)
    too_late = refusal(end_leave, personnel, county, running.leave_id, valid_to=NOW + 11 * DAY)
    too_early = refusal(end_leave, personnel, county, running.leave_id, valid_to=NOW - 2 * DAY)
    stale = refusal(end_leave, personnel, county, running.leave_id, expected_version=7)
    ended = end_leave(personnel, county, running.leave_id, valid_to=NOW + DAY)

    assert (cancelled.valid_to, cancelled.version) == (cancelled.valid_from, 2)
    assert again.reason == "LEAVE_OVER"
    assert pointers(too_late) == pointers(too_early) == ["/valid_to"]
    assert stale.status is grpc.StatusCode.ABORTED
    assert ended.valid_to.ToDatetime() == (NOW + DAY).replace(tzinfo=None)
    told = events(personnel, county.id, "leave.ended.v1")
    assert [each["leave_id"] for each in told] == [to_come.leave_id, running.leave_id]


def test_the_same_request_twice_records_one_leave(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    given = {
        "uncovered": True,
        "request_id": "leave-1",
        "caller": personnel.admin(county.id),
    }

    first = leave(personnel, county, holder[0], **given)
    second = leave(personnel, county, holder[0], **given)

    assert first == second
    assert len(events(personnel, county.id, "leave.recorded.v1")) == 1


def test_only_who_staffs_the_place_records_leave_there(
    personnel: Personnel, county: County, holder: tuple, make_county: Any
) -> None:
    nearby = personnel.caller(county.id, staff=["g:1."], read=["g:1."])
    far = personnel.caller(county.id, staff=["g:10."], read=["g:10."])
    elsewhere = make_county(f"t-{uuid4().hex[:10]}")

    refused = refusal(leave, personnel, county, holder[0], uncovered=True, caller=far)
    reader = personnel.caller(county.id, read=["g:"])
    unable = refusal(leave, personnel, county, holder[0], uncovered=True, caller=reader)
    nobody = refusal(leave, personnel, county, holder[0], uncovered=True, caller=[("x", "y")])
    recorded = leave(personnel, county, holder[0], uncovered=True, caller=nearby)
    hidden = refusal(end_leave, personnel, elsewhere, recorded.leave_id)
    denied = refusal(end_leave, personnel, county, recorded.leave_id, caller=far)

    assert refused.status is unable.status is denied.status is grpc.StatusCode.PERMISSION_DENIED
    assert nobody.status is grpc.StatusCode.UNAUTHENTICATED
    assert (hidden.status, hidden.reason) == (grpc.StatusCode.NOT_FOUND, "LEAVE_NOT_FOUND")


def test_leave_is_listed_by_person_and_moment_page_by_page_within_reach(
    personnel: Personnel, county: County, holder: tuple
) -> None:
    made = [
        leave(
            personnel, county, holder[0], uncovered=True,
            valid_from=NOW + n * DAY, valid_to=NOW + (n + 1) * DAY,
        ).leave_id
        for n in range(3)
    ]  # fmt: skip
    other = leave(personnel, county, personnel.person(county.id)).leave_id

    def listed(caller: Any = None, **wanted: Any) -> Any:
        request = pb.ListLeavesRequest(county_id=county.id, **wanted)
        caller = caller or personnel.admin(county.id)
        return personnel.staffing.ListLeaves(request, metadata=caller)

    def ids(answer: Any) -> list[str]:
        return [each.leave_id for each in answer.leaves]

    first = listed(page_size=3)
    assert ids(first) == made
    assert ids(listed(page_size=3, page_token=first.next_page_token)) == [other]
    assert ids(listed(person_id=holder[0], as_of=NOW + 1.5 * DAY)) == made[1:2]
    assert ids(listed(personnel.caller(county.id, read=["g:1."]))) == made
    assert ids(listed(personnel.caller(county.id, read=["g:10."]))) == []
    assert pointers(refusal(listed, page_token="x")) == ["/page_token"]
