"""Suspending and resuming counties."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import grpc
import pytest

from tests.integration.grid.conftest import Grids
from wangge.grid.v1 import counties_pb2, divisions_pb2, scheme_drafts_pb2, schemes_pb2

SUSPENDED = counties_pb2.COUNTY_STATE_SUSPENDED


@pytest.fixture
def made(grids: Grids, county_id: str) -> str:
    grids.create(county_id)
    return county_id


def suspend(county_id: str, **given: Any) -> counties_pb2.SuspendCountyRequest:
    fields = {"request_id": str(uuid4()), "reason": "机构调整", **given}
    return counties_pb2.SuspendCountyRequest(county_id=county_id, **fields)


def resume(county_id: str, **given: Any) -> counties_pb2.ResumeCountyRequest:
    fields = {"request_id": str(uuid4()), "reason": "调整完成", **given}
    return counties_pb2.ResumeCountyRequest(county_id=county_id, **fields)


def listed(grids: Grids, county_id: str) -> Any:
    token = ""
    while True:
        request = counties_pb2.ListCountiesRequest(page_size=500, page_token=token)
        page = grids.call(grids.operator(), request)
        for county in page.counties:
            if county.county_id == county_id:
                return county
        token = page.next_page_token


def writes(county_id: str) -> list[Any]:
    common = {"county_id": county_id, "request_id": str(uuid4())}
    return [
        divisions_pb2.ImportDivisionsRequest(**common, codes=["430223126"]),
        scheme_drafts_pb2.SaveDraftRequest(**common, merge_patch_json="{}"),
        scheme_drafts_pb2.DiscardDraftRequest(**common),
        scheme_drafts_pb2.PublishDraftRequest(**common),
        scheme_drafts_pb2.CopySchemeRequest(**common, from_county_id=county_id),
        schemes_pb2.SwitchFeatureRequest(**common, feature="veto", on=True),
    ]


def test_nothing_of_a_suspended_county_is_written_and_all_of_it_is_read(
    grids: Grids, made: str
) -> None:
    who = grids.person(made, configure=["g:"], read=["g:"])
    grids.call(
        who, scheme_drafts_pb2.SaveDraftRequest(county_id=made, merge_patch_json='{"name": "x"}')
    )

    county = grids.call(grids.operator(), suspend(made, expected_version=1)).county

    assert (county.state, county.version) == (SUSPENDED, 2)
    assert listed(grids, made) == county
    for someone in (who, grids.operator()):
        for request in writes(made):
            refused = grids.refusal(someone, request)
            assert (refused.status.name, refused.reason) == (
                "FAILED_PRECONDITION",
                "COUNTY_SUSPENDED",
            )
            assert made in refused.detail.zh
    request = counties_pb2.GetCountyRequest(county_id=made)
    assert grids.call(who, request).county == county
    grids.call(who, schemes_pb2.GetSchemeRequest(county_id=made))
    assert grids.call(who, scheme_drafts_pb2.GetDraftRequest(county_id=made)).draft.version == 1

    back = grids.call(grids.operator(), resume(made, expected_version=2)).county

    assert (back.state, back.version) == (counties_pb2.COUNTY_STATE_ACTIVE, 3)
    assert listed(grids, made) == back
    assert grids.call(who, writes(made)[3]).scheme.version == 2


def test_others_are_told_and_the_reasons_are_kept(grids: Grids, made: str) -> None:
    person_id = uuid4()
    operator = grids.city("city_operator", person_id=person_id)
    grids.call(operator, suspend(made))
    grids.call(operator, resume(made))

    told = [e for e in grids.events(made) if e["type"].endswith("county.changed.v1")]

    assert [(int(event["sequence"]), event["data"]["state"]) for event in told] == [
        (2, "suspended"),
        (3, "active"),
    ]
    assert all("机构" not in str(event["data"]) for event in told)
    first = grids.call(operator, counties_pb2.ListCountyStatesRequest(county_id=made, page_size=1))
    second = grids.call(
        operator,
        counties_pb2.ListCountyStatesRequest(
            county_id=made, page_size=1, page_token=first.next_page_token
        ),
    )
    found = [*first.states, *second.states]
    assert [(entry.version, entry.state, entry.reason) for entry in found] == [
        (3, "active", "调整完成"),
        (2, "suspended", "机构调整"),
    ]
    assert {entry.changed_by for entry in found} == {str(person_id)}
    assert second.next_page_token == ""


def test_an_answer_given_before_is_given_again_while_suspended(grids: Grids, made: str) -> None:
    who = grids.city("city_operator", person_id=uuid4())
    request = scheme_drafts_pb2.SaveDraftRequest(
        county_id=made, request_id="k", merge_patch_json="{}"
    )
    first = grids.call(who, request)
    grids.call(who, suspend(made))

    assert grids.call(who, request) == first


def test_what_stands_so_already_or_was_changed_is_refused(grids: Grids, made: str) -> None:
    operator = grids.operator()
    refused = grids.refusal(operator, resume(made))
    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "COUNTY_NOT_SUSPENDED")
    refused = grids.refusal(operator, suspend(made, expected_version=7))
    assert refused.status is grpc.StatusCode.ABORTED
    for reason in ("", "   ", "因" * 501, "a\x00"):
        refused = grids.refusal(operator, suspend(made, reason=reason))
        assert [violation.pointer for violation in refused.violations] == ["/reason"]
    grids.call(operator, suspend(made))
    refused = grids.refusal(operator, suspend(made))
    assert (refused.status.name, refused.reason) == ("FAILED_PRECONDITION", "COUNTY_SUSPENDED")
    assert grids.refusal(operator, suspend(f"{made}-none")).reason == "COUNTY_NOT_FOUND"


def test_one_suspension_sent_four_times_at_once_is_one(grids: Grids, made: str) -> None:
    who = grids.city("city_operator", person_id=uuid4())
    request = suspend(made, request_id="one")

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: grids.call(who, request), range(4)))

    assert all(reply == replies[0] for reply in replies)
    assert replies[0].county.version == 2


def test_only_the_city_s_operator_suspends(grids: Grids, made: str) -> None:
    for request in (suspend(made), resume(made)):
        assert grids.refusal([], request).status.name == "UNAUTHENTICATED"
        for who in (grids.city("city_supervisor"), grids.person(made, configure=["g:"])):
            assert grids.refusal(who, request).status.name == "PERMISSION_DENIED"
    states = counties_pb2.ListCountyStatesRequest(county_id=made)
    assert list(grids.call(grids.city("city_supervisor"), states).states) == []
    assert grids.refusal(grids.person(made, read=["g:"]), states).status.name == "PERMISSION_DENIED"


def test_another_county_goes_on(grids: Grids, made: str) -> None:
    grids.create(f"{made}-b")
    grids.call(grids.operator(), suspend(made))

    who = grids.person(f"{made}-b", configure=["g:"])

    assert grids.call(who, writes(f"{made}-b")[1]).draft.version == 1
