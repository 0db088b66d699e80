"""The staffing check, changes of holder, what posts are about, and a grid's archive."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import grpc
import pytest

from shared.db import migrate
from shared.rpc.errors import problem_of
from tests.integration.personnel.answers import DAY, NOW, events, leave, pointers, responsible
from tests.integration.personnel.conftest import County, Personnel
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import Databases
from tests.support.refusals import refusal
from wangge.personnel.v1 import people_service_pb2 as personnel_pb
from wangge.personnel.v1 import posts_pb2, staffing_pb2
from wangge.personnel.v1 import staffing_service_pb2 as pb

TOO_FEW, TOO_MANY = staffing_pb2.FINDING_KIND_TOO_FEW, staffing_pb2.FINDING_KIND_TOO_MANY
NOBODY = staffing_pb2.FINDING_KIND_NOBODY_NAMED


def scheme(*roles: dict[str, Any], totals: Any = ()) -> dict[str, Any]:
    admin = [entry for entry in SCHEME["role_types"] if entry["id"] == "county.admin"]
    return {
        **SCHEME,
        "levels": [{"id": "township"}, {"id": "village", "responsible_body": "村委会"}],
        "departments": [],
        "role_types": [*roles, *admin],
        "staffing": {"totals": list(totals)},
    }


def kind_role(role_id: str, level: str | None, kind: str, **more: Any) -> dict[str, Any]:
    return {**role(role_id, "grid", level, "report"), "kind": kind, **more}


def check(personnel: Personnel, county: County, **given: Any) -> Any:
    caller = given.pop("caller", None) or personnel.admin(county.id)
    request = pb.CheckStaffingRequest(county_id=county.id, **given)
    return personnel.staffing.CheckStaffing(request, metadata=caller)


def found(answer: Any, kind: Any) -> list[tuple[str, str, int]]:
    return [(f.role_type, f.grid_id, f.holders) for f in answer.findings if f.kind == kind]


def hand_over(personnel: Personnel, county: County, post_id: str, person_id: str, **given) -> Any:
    caller = given.pop("caller", None) or personnel.admin(county.id)
    request = pb.HandOverRequest(county_id=county.id, post_id=post_id, person_id=person_id, **given)
    return personnel.staffing.HandOver(request, metadata=caller)


def describe(personnel: Personnel, county: County, post_id: str, **given: Any) -> Any:
    caller = given.pop("caller", None) or personnel.admin(county.id)
    request = pb.DescribePostRequest(county_id=county.id, post_id=post_id, **given)
    return personnel.staffing.DescribePost(request, metadata=caller).post


@pytest.mark.requirement("R-PERS-05")
@pytest.mark.requirement("R-PERS-07")
def test_two_rules_about_the_same_grid_are_reported_each_by_itself(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    """A township of 2 环保员, and 1 responsible person and 2 supervisors in every grid."""
    county = make_county(
        county_id,
        scheme(
            kind_role("township.first", "township", "leader", min=1, max=1, title="第一责任人"),
            kind_role("township.officer", "township", "officer", min=2, max=2, title="环保员"),
            kind_role("grid.responsible", None, "direct", min=1, title="负责人"),
            kind_role("grid.supervisor", None, "supervisor", min=2, title="监管员"),
        ),
    )
    people = [personnel.person(county.id) for _ in range(3)]
    personnel.post(county.id, people[0], "township.officer", grid_id=county.township)
    personnel.post(county.id, people[0], "grid.supervisor", grid_id=county.township)
    personnel.post(county.id, people[1], "grid.supervisor", grid_id=county.township)

    answer = check(personnel, county, page_size=500)

    few = found(answer, TOO_FEW)
    assert ("township.officer", county.township, 1) in few
    assert ("township.first", county.township, 0) in few
    assert ("grid.responsible", county.township, 0) in few
    assert not any(f[:2] == ("grid.supervisor", county.township) for f in few)
    villages = (county.village, county.second_village, county.far_village)
    assert {("grid.supervisor", grid, 0) for grid in villages} <= set(few)
    tallies = {r.role_type: (r.places, r.too_few, r.too_many) for r in answer.rules}
    assert tallies == {
        "township.first": (1, 1, 0),
        "township.officer": (1, 1, 0),
        "grid.responsible": (4, 4, 0),
        "grid.supervisor": (4, 3, 0),
    }
    [officers] = [f for f in answer.findings if f.role_type == "township.officer"]
    assert officers.reason.en == "'环保员' has 1 of exactly 2."
    assert officers.reason.zh == "“环保员”应为 2 人,现有 1 人。"
    assert (officers.min, officers.max, officers.grid_name) == (2, 2, "网格1.")


@pytest.mark.requirement("R-PERS-13")
@pytest.mark.requirement("R-PERS-14")
@pytest.mark.requirement("R-PERS-08")
def test_exactly_one_several_and_at_least_two_are_different_rules(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    bounded = scheme(
        kind_role("village.direct", "village", "direct", min=1, max=1),
        kind_role("village.manager", "village", "manager", min=1),
        kind_role("village.supervisor", "village", "supervisor", min=2),
        kind_role("village.liaison", "village", "liaison"),
    )
    county = make_county(county_id, bounded)
    given = {"village.direct": 1, "village.manager": 3, "village.supervisor": 1}
    for role_type, count in given.items():
        for _ in range(count):
            personnel.post(
                county.id, personnel.person(county.id), role_type, grid_id=county.village
            )

    full = refusal(
        personnel.post, county.id, personnel.person(county.id), "village.direct",
        grid_id=county.village,
    )  # fmt: skip
    here = [f for f in check(personnel, county).findings if f.grid_id == county.village]

    assert full.reason == "POSTS_FILLED"
    assert [(f.role_type, f.kind, f.holders) for f in here] == [("village.supervisor", TOO_FEW, 1)]
    assert not here[0].HasField("max")
    assert "village.liaison" not in {rule.role_type for rule in check(personnel, county).rules}


def test_more_than_a_newer_scheme_allows_is_reported(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    county = make_county(county_id, scheme(kind_role("village.direct", "village", "direct")))
    for _ in range(2):
        person = personnel.person(county.id)
        personnel.post(county.id, person, "village.direct", grid_id=county.village)
    strict = make_county(f"t-{uuid4().hex[:10]}", scheme())
    assert list(check(personnel, strict).rules) == []

    narrower = scheme(kind_role("village.direct", "village", "direct", min=1, max=1))
    from tests.integration.personnel.posts.test_vacancies import World, publish

    with World(personnel, county).tx() as tx:
        publish(tx, 2, (NOW - 2 * DAY).date(), narrower)

    [many] = [f for f in check(personnel, county).findings if f.kind == TOO_MANY]
    assert (many.grid_id, many.holders, many.max) == (county.village, 2, 1)
    assert many.reason.en.endswith("too many.")


@pytest.mark.requirement("R-PERS-24")
def test_head_counts_compare_people_each_counted_once(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    totals = [
        {"title": "网格监管员", "count": 3, "role_types": ["township.super", "village.super"]},
        {"title": "村级监管员", "count": 1, "role_types": ["village.super"]},
        {"title": "队伍", "count": 5, "role_types": []},
        {"title": "信息员", "count": None, "role_types": ["village.super"]},
    ]
    county = make_county(
        county_id,
        scheme(
            kind_role("township.super", "township", "supervisor"),
            kind_role("village.super", "village", "supervisor"),
            totals=totals,
        ),
    )
    both, one = personnel.person(county.id), personnel.person(county.id)
    personnel.post(county.id, both, "township.super", grid_id=county.township)
    personnel.post(county.id, both, "village.super", grid_id=county.village)
    personnel.post(county.id, one, "village.super", grid_id=county.far_village)

    answer = check(personnel, county)

    state = staffing_pb2
    shown = [
        (t.state, t.posted if t.HasField("posted") else None, t.count or None)
        for t in answer.totals
    ]
    assert shown == [
        (state.TOTAL_STATE_TOO_FEW, 2, 3),
        (state.TOTAL_STATE_TOO_MANY, 2, 1),
        (state.TOTAL_STATE_NOT_STATED, None, 5),
        (state.TOTAL_STATE_NOT_STATED, 2, None),
    ]
    assert answer.totals[0].reason.zh == "在岗 2 人,方案规定 3 人。"
    reader = personnel.caller(county.id, read=["g:1."])
    assert list(check(personnel, county, caller=reader).totals) == []


@pytest.mark.requirement("R-PERS-36")
@pytest.mark.requirement("R-PERS-23")
def test_a_grid_without_a_named_person_is_reported_with_the_body_that_answers_alone(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    county = make_county(
        county_id,
        scheme(
            kind_role("village.body", "village", "body"),
            kind_role("village.super", "village", "supervisor"),
        ),
    )
    person = personnel.person(county.id)
    personnel.post(county.id, person, "village.body", grid_id=county.village)
    personnel.post(county.id, person, "village.super", grid_id=county.second_village)

    answer = check(personnel, county)

    assert [f.grid_id for f in answer.findings if f.kind == NOBODY] == [
        county.township,
        county.village,
        county.far_village,
    ]
    bodies = {f.grid_id: f.reason for f in answer.findings}
    assert bodies[county.village].en.endswith("lies with 村委会 alone.")
    assert "村委会" in bodies[county.village].zh
    nobody_before = check(personnel, county, as_of=NOW - DAY)
    assert len(nobody_before.findings) == 4


def test_findings_come_page_by_page_within_reach(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    roles = [kind_role(f"any.r{n}", None, "direct", min=1) for n in range(3)]
    county = make_county(county_id, scheme(*roles))

    whole = list(check(personnel, county, page_size=500).findings)
    paged, token = [], ""
    while True:
        page = check(personnel, county, page_size=5, page_token=token)
        paged += page.findings
        if not (token := page.next_page_token):
            break

    assert len(whole) == 16
    assert paged == whole
    reader = personnel.caller(county.id, read=["g:10."])
    assert {f.grid_id for f in check(personnel, county, caller=reader).findings} == {
        county.far_village
    }
    assert pointers(refusal(check, personnel, county, page_token="x")) == ["/page_token"]
    unable = refusal(check, personnel, county, caller=[("x", "y")])
    assert unable.status is grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
def post(personnel: Personnel, county: County) -> Any:
    return personnel.post(
        county.id, personnel.person(county.id, "责任人甲"), "township.direct",
        grid_id=county.township, valid_from=NOW - 30 * DAY, area="河东片",
    )  # fmt: skip


def test_a_post_goes_to_the_successor_at_one_moment(
    personnel: Personnel, county: County, post: Any
) -> None:
    successor = personnel.person(county.id, "责任人乙")

    answer = hand_over(personnel, county, post.post_id, successor, at=NOW - DAY)

    assert (answer.ended.post_id, answer.ended.version) == (post.post_id, 2)
    assert answer.ended.valid_to == answer.post.valid_from
    new = answer.post
    assert (new.person_id, new.role_type, new.grid_id) == (
        successor,
        "township.direct",
        county.township,
    )
    assert new.area == "河东片"
    [now] = responsible(personnel, county, county.township).responsible
    [before] = responsible(personnel, county, county.township, at=NOW - 2 * DAY).responsible
    assert (now.person_name, before.person_name) == ("责任人乙", "责任人甲")
    [told] = events(personnel, county.id, "post.handed-over.v1")
    assert (told["from_post_id"], told["to_post_id"]) == (post.post_id, new.post_id)
    assert (told["from_person_id"], told["to_person_id"]) == (post.person_id, successor)
    assert told["at"] == (NOW - DAY).isoformat()
    assert len(events(personnel, county.id, "post.ended.v1")) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"person": ""}, "/person_id"),
        ({"person": "self"}, "/person_id"),
        ({"person": str(uuid4())}, "/person_id"),
        ({"person": "foreigner"}, "/person_id"),
        ({"at": NOW + DAY}, "/at"),
        ({"at": NOW - 30 * DAY}, "/at"),
    ],
)
def test_a_wrong_change_of_holder_changes_nothing(
    personnel: Personnel, county: County, post: Any, make_county: Any, *, given: dict, expected: str
) -> None:
    elsewhere = make_county(f"t-{uuid4().hex[:10]}")
    people = {"self": post.person_id, "foreigner": personnel.person(elsewhere.id)}
    wanted = given.pop("person", None)
    person = personnel.person(county.id) if wanted is None else people.get(wanted, wanted)

    problem = refusal(hand_over, personnel, county, post.post_id, person, **given)

    assert pointers(problem) == [expected]
    assert events(personnel, county.id, "post.ended.v1") == []


def test_of_several_successors_at_once_one_gets_the_post(
    personnel: Personnel, county: County, post: Any
) -> None:
    people = [personnel.person(county.id) for _ in range(4)]

    def ask(person: str) -> str:
        try:
            hand_over(personnel, county, post.post_id, person)
        except grpc.RpcError as error:
            return str(problem_of(error).status.name)
        return "handed over"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, people))

    assert answers.count("handed over") == 1
    assert len(events(personnel, county.id, "post.handed-over.v1")) == 1


def test_a_change_of_holder_takes_reach_version_and_one_effect_a_request(
    personnel: Personnel, county: County, post: Any, make_county: Any
) -> None:
    person = personnel.person(county.id)
    far = personnel.caller(county.id, staff=["g:10."])
    admin = personnel.admin(county.id)
    elsewhere = make_county(f"t-{uuid4().hex[:10]}")

    denied = refusal(hand_over, personnel, county, post.post_id, person, caller=far)
    stale = refusal(hand_over, personnel, county, post.post_id, person, expected_version=9)
    foreign = refusal(hand_over, personnel, elsewhere, post.post_id, person)
    given = {"request_id": "h-1", "caller": admin}
    first = hand_over(personnel, county, post.post_id, person, **given)
    second = hand_over(personnel, county, post.post_id, person, **given)
    over = refusal(hand_over, personnel, county, post.post_id, personnel.person(county.id))

    assert denied.status is grpc.StatusCode.PERMISSION_DENIED
    assert stale.status is grpc.StatusCode.ABORTED
    assert foreign.reason == "POST_NOT_FOUND"
    assert first == second
    assert over.reason == "POST_OVER"


@pytest.mark.requirement("R-PERS-41")
@pytest.mark.requirement("R-PERS-46")
def test_a_post_has_a_list_of_duties_and_its_holder_several_skills(
    personnel: Personnel, county: County, post: Any
) -> None:
    duties, skills = ["巡查企业", "禁烧宣传"], ["驾驶", "监测"]

    described = describe(
        personnel, county, post.post_id, duties=duties, skills=skills, area="河西片",
        attachment=posts_pb2.ATTACHMENT_LIAISON, expected_version=1,
    )  # fmt: skip

    assert (list(described.duties), list(described.skills)) == (duties, skills)
    assert (described.area, described.version) == ("河西片", 2)
    assert described.attachment == posts_pb2.ATTACHMENT_LIAISON
    [answer] = responsible(personnel, county, county.township).responsible
    assert list(answer.post.duties) == duties
    blank = refusal(describe, personnel, county, post.post_id, duties=["a", " "], attachment=9)
    assert pointers(blank) == ["/duties/1", "/attachment"]
    stale = refusal(describe, personnel, county, post.post_id, expected_version=1)
    assert stale.status is grpc.StatusCode.ABORTED


@pytest.mark.requirement("R-PERS-26")
@pytest.mark.requirement("R-PERS-40")
def test_equal_holders_share_a_grid_each_with_an_area_of_it(
    personnel: Personnel, county: County
) -> None:
    areas = {"一组至三组", "四组至六组"}
    for area in sorted(areas):
        personnel.post(
            county.id, personnel.person(county.id), "village.patroller",
            grid_id=county.village, area=area,
        )  # fmt: skip

    found = responsible(personnel, county, county.village).responsible

    assert {each.post.area for each in found} == areas
    assert {each.standing for each in found} == {staffing_pb2.STANDING_PATROLLER}


@pytest.mark.requirement("R-PERS-32")
def test_a_township_leader_is_posted_down_beside_the_post_of_their_own(
    personnel: Personnel, county: County
) -> None:
    person = personnel.person(county.id)
    personnel.post(county.id, person, "township.direct", grid_id=county.township)

    down = personnel.post(
        county.id, person, "any.observer", grid_id=county.village,
        attachment=posts_pb2.ATTACHMENT_POSTED_DOWN,
    )  # fmt: skip

    found = [
        (each.post.role_type, each.post.attachment)
        for each in responsible(personnel, county, county.village).responsible
    ]
    assert down.attachment == posts_pb2.ATTACHMENT_POSTED_DOWN
    assert found == [
        ("any.observer", posts_pb2.ATTACHMENT_POSTED_DOWN),
        ("township.direct", posts_pb2.ATTACHMENT_OWN),
    ]


@pytest.mark.requirement("R-PERS-37")
def test_a_village_s_archive_has_posts_leave_and_vacancies_of_all_time(
    personnel: Personnel, make_county: Any, county_id: str
) -> None:
    county = make_county(
        county_id, scheme(kind_role("village.direct", "village", "direct", min=1, title="责任人"))
    )
    first, second = (personnel.person(county.id, name) for name in ("责任人甲", "责任人乙"))
    old = personnel.post(
        county.id, first, "village.direct", grid_id=county.village,
        valid_from=NOW - 30 * DAY, duties=["全面负责"],
    )  # fmt: skip
    end = personnel_pb.EndPostRequest(
        county_id=county.id, post_id=old.post_id, valid_to=NOW - 3 * DAY
    )
    personnel.calls.EndPost(end, metadata=personnel.admin(county.id))
    new = personnel.post(county.id, second, "village.direct", grid_id=county.village)
    away = leave(personnel, county, second, stand_in_id=first, valid_from=NOW + DAY)

    def archive(caller: Any = None, grid_id: str = county.village) -> Any:
        request = pb.GetResponsibilityArchiveRequest(county_id=county.id, grid_id=grid_id)
        caller = caller or personnel.admin(county.id)
        return personnel.staffing.GetResponsibilityArchive(request, metadata=caller)

    found = archive()
    assert [(each.post.post_id, each.person_name) for each in found.posts] == [
        (old.post_id, "责任人甲"),
        (new.post_id, "责任人乙"),
    ]
    assert {each.standing for each in found.posts} == {staffing_pb2.STANDING_DIRECT}
    assert [each.leave_id for each in found.leaves] == [away.leave_id]
    [vacancy] = found.vacancies
    assert vacancy.since == found.posts[0].post.valid_to
    assert vacancy.until == new.valid_from
    assert found.grid_name == "网格1.2."
    far = personnel.caller(county.id, read=["g:10."])
    assert refusal(archive, far).status is grpc.StatusCode.PERMISSION_DENIED
    assert refusal(archive, grid_id=str(uuid4())).reason == "GRID_NOT_FOUND"


def test_models_and_migrations_agree(databases: Databases) -> None:
    databases.url("personnel")
    migrate.check("personnel", databases.admin_url)
