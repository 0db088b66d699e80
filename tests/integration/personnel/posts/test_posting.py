"""Appointing, ending and finding posts, over gRPC and a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text

from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import OWN_PASSWORD, PASSWORD, County, Personnel
from tests.integration.personnel.scheme import SCHEME, role
from tests.integration.service_fixtures import grid_row
from tests.support.refusals import refusal
from wangge.personnel.v1 import people_service_pb2 as pb

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def listed(personnel: Personnel, county: County, caller: Any = None, **wanted) -> list[str]:
    request = pb.ListPostsRequest(county_id=county.id, **wanted)
    caller = caller or personnel.admin(county.id)
    return [post.post_id for post in personnel.calls.ListPosts(request, metadata=caller).posts]


def events_of(personnel: Personnel, county_id: str, key: str) -> list[dict]:
    with personnel.databases.admin_engine("personnel").connect() as connection:
        bodies = connection.execute(
            text("SELECT body FROM outbox WHERE county_id = :c AND key = :k ORDER BY event_id"),
            {"c": county_id, "k": key},
        ).scalars()
        return [orjson.loads(bytes(body)) for body in bodies]


@pytest.mark.parametrize(
    ("role_type", "place", "pointer", "says"),
    [
        ("mayor", {}, "/role_type", "township.direct, village.patroller"),
        ("village.patroller", {}, "/grid_id", "give the grid"),
        ("village.patroller", {"grid_id": "township"}, "/grid_id", "level 'village'"),
        ("village.patroller", {"grid_id": "unknown"}, "/grid_id", "no such grid"),
        (
            "village.patroller",
            {"grid_id": "village", "department_id": "ecology"},
            "/department_id",
            "leave this field out",
        ),
        ("department.officer", {}, "/department_id", "give the department"),
        ("department.officer", {"department_id": "navy"}, "/department_id", "it has: ecology"),
        ("department.officer", {"grid_id": "village"}, "/grid_id", "leave this field out"),
        ("county.admin", {"grid_id": "village"}, "/grid_id", "leave this field out"),
        ("county.admin", {"department_id": "ecology"}, "/department_id", "leave this field out"),
    ],
)
def test_a_post_that_does_not_fit_names_the_field(
    personnel: Personnel, county: County, *, role_type: str, place: dict, pointer: str, says: str
) -> None:
    person_id = personnel.person(county.id)
    if "grid_id" in place:
        place = {**place, "grid_id": getattr(county, place["grid_id"], str(uuid4()))}

    problem = refusal(personnel.post, county.id, person_id, role_type, **place)

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    [violation] = problem.violations
    assert violation.pointer == pointer
    assert says in violation.detail.en
    assert violation.detail.zh != violation.detail.en


@pytest.mark.parametrize("person_id", ["", "no-uuid", "6f1c0a52-93d4-4b7e-8a21-5d0c47e1b9f3"])
def test_a_person_who_is_not_there_cannot_be_appointed(
    personnel: Personnel, county: County, person_id: str
) -> None:
    problem = refusal(personnel.post, county.id, person_id, "any.observer", grid_id=county.village)

    assert [v.pointer for v in problem.violations] == ["/person_id"]


def test_a_post_must_end_after_it_starts(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)

    problem = refusal(
        personnel.post, county.id, person_id, "any.observer",
        grid_id=county.village, valid_from=NOW, valid_to=NOW,
    )  # fmt: skip

    assert [v.pointer for v in problem.violations] == ["/valid_to"]


def test_the_scheme_s_most_holders_is_kept_at_every_moment(
    personnel: Personnel, county: County
) -> None:
    first, second = personnel.person(county.id), personnel.person(county.id)
    direct = {"role_type": "township.direct", "grid_id": county.township}
    personnel.post(county.id, first, **direct, valid_to=NOW + 10 * DAY)

    problem = refusal(personnel.post, county.id, second, **direct, valid_from=NOW + 9 * DAY)

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "POSTS_FILLED",
    )
    assert (problem.metadata["holders"], problem.metadata["maximum"]) == ("1", "1")
    assert personnel.post(county.id, second, **direct, valid_from=NOW + 10 * DAY).post_id


def test_of_many_appointments_at_once_only_as_many_succeed_as_the_scheme_allows(
    personnel: Personnel, county: County
) -> None:
    people = [personnel.person(county.id) for _ in range(6)]

    def appoint(person_id: str) -> str:
        try:
            personnel.post(county.id, person_id, "township.direct", grid_id=county.township)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "appointed"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(appoint, people)) == ["POSTS_FILLED"] * 5 + ["appointed"]


def test_nobody_holds_the_same_post_twice_at_once(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    post = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)

    problem = refusal(personnel.post, county.id, person_id, "any.observer", grid_id=county.village)

    assert (problem.reason, problem.metadata) == ("POST_HELD_ALREADY", {"post_id": post.post_id})
    assert personnel.post(county.id, person_id, "any.observer", grid_id=county.township).post_id


@pytest.mark.requirement("R-PERS-06")
def test_one_person_holds_several_posts_on_one_grid(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    made = [
        personnel.post(county.id, person_id, role_type, grid_id=county.village).post_id
        for role_type in ("village.patroller", "any.observer")
    ]

    assert listed(personnel, county, person_id=person_id) == made


def test_staff_reaches_its_own_subtree_alone(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    caller = personnel.caller(county.id, staff=["g:1."], read=["g:1."])

    def appoint(role_type: str, **place) -> Any:
        request = pb.AssignPostRequest(
            county_id=county.id, person_id=person_id, role_type=role_type, **place
        )
        return personnel.calls.AssignPost(request, metadata=caller)

    assert appoint("village.patroller", grid_id=county.village).post.grid_path == "1.2."
    for role_type, place in (
        ("village.patroller", {"grid_id": county.far_village}),
        ("county.admin", {}),
        ("department.officer", {"department_id": "ecology"}),
    ):
        problem = refusal(appoint, role_type, **place)
        assert problem.status is grpc.StatusCode.PERMISSION_DENIED


def test_the_same_request_appoints_once(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    admin = personnel.admin(county.id)
    request = pb.AssignPostRequest(
        county_id=county.id, request_id=str(uuid4()), person_id=person_id,
        role_type="any.observer", grid_id=county.village,
    )  # fmt: skip

    first = personnel.calls.AssignPost(request, metadata=admin)
    again = personnel.calls.AssignPost(request, metadata=admin)
    request.role_type = "village.patroller"
    reused = refusal(personnel.calls.AssignPost, request, metadata=admin)

    assert again == first
    assert reused.reason == "IDEMPOTENCY_KEY_REUSED"
    assert listed(personnel, county) == [first.post.post_id]
    assert len(events_of(personnel, county.id, "post.assigned.v1")) == 1


def test_a_county_is_staffed_before_the_events_of_its_structure_arrive(
    personnel: Personnel, county_id: str
) -> None:
    grid = grid_row("7.", admin_code="430223000000")
    personnel.grid.schemes[county_id] = (1, SCHEME)
    personnel.grid.grids[county_id, str(grid["grid_id"])] = grid
    operator = personnel.operator()
    request = pb.CreateCountyAdminRequest(
        county_id=county_id, name="测试管理员", username="admin", password=PASSWORD
    )

    made = personnel.calls.CreateCountyAdmin(request, metadata=operator)

    assert made.post.role_type == "county.admin"
    assert personnel.grid.asked == [("GetScheme", operator[0][1])]
    personnel.change_password(county_id, "admin", OWN_PASSWORD)
    tokens = personnel.sign_in(county_id, "admin", OWN_PASSWORD)
    bearer_token = f"Bearer {tokens.access_token}"
    assign = pb.AssignPostRequest(
        county_id=county_id, person_id=made.person.person_id, role_type="village.patroller",
        grid_id=str(grid["grid_id"]),
    )  # fmt: skip
    metadata = [("authorization", bearer_token)]
    post = personnel.calls.AssignPost(assign, metadata=metadata).post
    assert post.grid_path == "7."
    assert personnel.grid.asked[1:] == [("GetGrid", bearer_token)]
    # What was learned is kept: nobody is asked again.
    find = pb.FindResponsibleRequest(county_id=county_id, grid_id=str(grid["grid_id"]))
    assert personnel.calls.FindResponsible(find, metadata=metadata).responsible
    assert len(personnel.grid.asked) == 2


def test_a_role_of_a_scheme_just_published_is_asked_for(
    personnel: Personnel, county: County
) -> None:
    newer = {**SCHEME, "role_types": [*SCHEME["role_types"], role("village.cadre", "grid", None)]}
    personnel.grid.schemes[county.id] = (2, newer)
    person_id = personnel.person(county.id)

    post = personnel.post(county.id, person_id, "village.cadre", grid_id=county.village)

    assert (post.role_kind, list(post.capabilities)) == ("cadre", ["read"])


def test_a_county_that_does_not_exist_gets_no_administrator(
    personnel: Personnel, county_id: str
) -> None:
    request = pb.CreateCountyAdminRequest(
        county_id=county_id, name="测试管理员", username="admin", password=PASSWORD
    )

    problem = refusal(personnel.calls.CreateCountyAdmin, request, metadata=personnel.operator())

    assert (problem.reason, problem.domain) == ("COUNTY_NOT_FOUND", "grid.wangge")
    assert events_of(personnel, county_id, "contact.changed.v1") == []


def test_only_the_city_s_operator_makes_administrators(
    personnel: Personnel, county: County
) -> None:
    request = pb.CreateCountyAdminRequest(
        county_id=county.id, name="测试管理员", username="admin", password=PASSWORD
    )

    problem = refusal(
        personnel.calls.CreateCountyAdmin, request, metadata=personnel.admin(county.id)
    )

    assert problem.status is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.requirement("R-PERS-15")
def test_an_ended_post_stays_in_the_history(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    post = personnel.post(
        county.id, person_id, "any.observer", grid_id=county.village, valid_from=NOW - 9 * DAY
    )
    request = pb.EndPostRequest(
        county_id=county.id, post_id=post.post_id, expected_version=1, valid_to=NOW - 2 * DAY
    )

    ended = personnel.calls.EndPost(request, metadata=personnel.admin(county.id)).post

    assert (ended.version, ended.valid_to.ToDatetime(tzinfo=UTC)) == (2, NOW - 2 * DAY)
    assert listed(personnel, county) == []
    assert listed(personnel, county, as_of=NOW - 3 * DAY) == [post.post_id]
    assert listed(personnel, county, as_of=NOW - 2 * DAY) == []
    [event] = events_of(personnel, county.id, "post.ended.v1")
    assert (event["subject"], event["sequence"]) == (post.post_id, "2")
    assert datetime.fromisoformat(event["data"]["valid_to"]) == NOW - 2 * DAY


def test_a_post_ends_later_when_told_so(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    post = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    request = pb.EndPostRequest(county_id=county.id, post_id=post.post_id, valid_to=NOW + DAY)

    personnel.calls.EndPost(request, metadata=personnel.admin(county.id))

    assert listed(personnel, county) == [post.post_id]
    assert listed(personnel, county, as_of=NOW + 2 * DAY) == []


def test_what_is_over_or_stale_or_elsewhere_is_not_ended(
    personnel: Personnel, county: County
) -> None:
    person_id = personnel.person(county.id)
    post = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    admin = personnel.admin(county.id)
    end = personnel.calls.EndPost

    def request(**fields) -> pb.EndPostRequest:
        return pb.EndPostRequest(county_id=county.id, **{"post_id": post.post_id, **fields})

    assert refusal(end, request(expected_version=7), metadata=admin).reason == "STALE_VERSION"
    early = refusal(end, request(valid_to=NOW - DAY), metadata=admin)
    assert [v.pointer for v in early.violations] == ["/valid_to"]
    elsewhere = personnel.caller(county.id, staff=["g:10."])
    assert refusal(end, request(), metadata=elsewhere).status is grpc.StatusCode.PERMISSION_DENIED
    end(request(), metadata=admin)
    assert refusal(end, request(), metadata=admin).reason == "POST_OVER"
    for unknown in ("no-uuid", str(uuid4())):
        problem = refusal(end, request(post_id=unknown), metadata=admin)
        assert problem.reason == "POST_NOT_FOUND"


@pytest.mark.requirement("R-PERS-30")
def test_those_responsible_are_named_from_the_grid_upward(
    personnel: Personnel, county: County
) -> None:
    def hold(name: str, role_type: str, grid_id: str, **valid) -> None:
        personnel.post(
            county.id, personnel.person(county.id, name), role_type, grid_id=grid_id, **valid
        )

    hold("测试镇长", "township.direct", county.township, valid_from=NOW - 5 * DAY)
    hold("前任测试员", "village.patroller", county.village,
         valid_from=NOW - 9 * DAY, valid_to=NOW - 2 * DAY)  # fmt: skip
    hold("现任测试员", "village.patroller", county.village, valid_from=NOW - 2 * DAY)
    hold("邻村测试员", "village.patroller", county.second_village, valid_from=NOW - 9 * DAY)
    reader = personnel.caller(county.id, read=["g:1.2."])

    def responsible(**at) -> list[str]:
        request = pb.FindResponsibleRequest(county_id=county.id, grid_id=county.village, **at)
        answer = personnel.calls.FindResponsible(request, metadata=reader)
        return [entry.person_name for entry in answer.responsible]

    assert responsible() == ["现任测试员", "测试镇长"]
    assert responsible(at=NOW - 3 * DAY) == ["前任测试员", "测试镇长"]
    assert responsible(at=NOW - 7 * DAY) == ["前任测试员"]
    for grid_id, status in (
        (county.far_village, grpc.StatusCode.PERMISSION_DENIED),
        (str(uuid4()), grpc.StatusCode.NOT_FOUND),
        ("no-uuid", grpc.StatusCode.NOT_FOUND),
    ):
        request = pb.FindResponsibleRequest(county_id=county.id, grid_id=grid_id)
        problem = refusal(personnel.calls.FindResponsible, request, metadata=reader)
        assert problem.status is status


def test_posts_are_listed_as_far_as_the_reader_reaches(
    personnel: Personnel, county: County
) -> None:
    person_id = personnel.person(county.id)
    near = personnel.post(county.id, person_id, "any.observer", grid_id=county.village).post_id
    far = personnel.post(county.id, person_id, "any.observer", grid_id=county.far_village).post_id
    office = personnel.post(
        county.id, person_id, "department.officer", department_id="ecology"
    ).post_id
    top = personnel.post(county.id, person_id, "county.admin").post_id

    def seen_by(*scopes: str) -> list[str]:
        return listed(personnel, county, personnel.caller(county.id, read=list(scopes)))

    assert seen_by("g:") == [near, far, office, top]
    assert seen_by("g:1.") == [near]
    assert seen_by("d:ecology", "g:10.") == [far, office]
    assert seen_by("d:water") == []
    own = personnel.caller(county.id, person_id, read=["d:water"])
    assert listed(personnel, county, own) == [near, far, office, top]
    assert listed(personnel, county, grid_id=county.village) == [near]
    assert listed(personnel, county, department_id="ecology") == [office]


def test_posts_are_read_page_by_page(personnel: Personnel, county: County) -> None:
    made = [
        personnel.post(
            county.id, personnel.person(county.id), "any.observer", grid_id=county.village
        ).post_id
        for _ in range(5)
    ]
    seen, page_token = [], ""
    while True:
        request = pb.ListPostsRequest(county_id=county.id, page_size=2, page_token=page_token)
        answer = personnel.calls.ListPosts(request, metadata=personnel.admin(county.id))
        seen.append([post.post_id for post in answer.posts])
        if not (page_token := answer.next_page_token):
            break

    assert seen == [made[:2], made[2:4], made[4:]]
