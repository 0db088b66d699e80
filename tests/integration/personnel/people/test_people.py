"""People: recorded, masked, seen as far as staff reaches; the first operator; no other county's."""

import logging
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import orjson
import pytest
from sqlalchemy import text

from services.personnel.base import Base
from services.personnel.bootstrap import ensure_operator
from shared.db import migrate
from shared.db.transaction import SET_COUNTY
from shared.errors import InvalidArgument
from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import PASSWORD, County, Personnel
from tests.support.refusals import refusal
from wangge.personnel.v1 import people_service_pb2 as pb


def read(personnel: Personnel, county: County, person_id: str, caller):
    request = pb.GetPersonRequest(county_id=county.id, person_id=person_id)
    return personnel.calls.GetPerson(request, metadata=caller).person


@pytest.mark.parametrize(
    ("given", "kept", "masked"),
    [
        ("13812345678", "13812345678", "138****5678"),
        ("+86 138-1234-5678", "13812345678", "138****5678"),
        ("0731-28123456", "073128123456", "073****3456"),
        ("", "", ""),
    ],
)
def test_a_phone_is_masked_for_all_but_its_owner(
    personnel: Personnel, county: County, given: str, kept: str, masked: str
) -> None:
    person_id = personnel.person(county.id, phone=given)

    assert read(personnel, county, person_id, personnel.admin(county.id)).phone == masked
    township = personnel.caller(county.id, staff=["g:1."])
    assert read(personnel, county, person_id, township).phone == masked
    oneself = personnel.caller(county.id, person_id, read=["g:1.2."])
    assert read(personnel, county, person_id, oneself).phone == kept


def test_every_field_at_fault_is_named_at_once(personnel: Personnel, county: County) -> None:
    rules = refusal(personnel.person, county.id, phone="12345", username="ab", password="short")
    form = refusal(personnel.person, county.id, " ", username="a" * 65)

    assert {each.pointer for each in rules.violations} == {"/phone", "/username", "/password"}
    assert {each.pointer for each in form.violations} == {"/name", "/username"}


@pytest.mark.parametrize(
    ("username", "password", "pointer"),
    [
        ("long.enough", "long.enough", "/password"),
        ("long.enough", "LONG.Enough", "/password"),
        ("long.enough", "p" * 129, "/password"),
        ("white space", PASSWORD, "/username"),
        ("", PASSWORD, "/username"),
    ],
)
def test_an_account_keeps_the_rules(
    personnel: Personnel, county: County, username: str, password: str, pointer: str
) -> None:
    problem = refusal(personnel.person, county.id, username=username, password=password)

    assert [violation.pointer for violation in problem.violations] == [pointer]


def test_a_username_is_used_once_in_a_county(personnel: Personnel, county: County) -> None:
    personnel.person(county.id, username="Zhang.San", password=PASSWORD)

    problem = refusal(personnel.person, county.id, username="zhang.san", password=PASSWORD)

    assert (problem.status, problem.reason) == (grpc.StatusCode.ALREADY_EXISTS, "USERNAME_TAKEN")


def test_of_equal_usernames_asked_for_at_once_one_is_given(
    personnel: Personnel, county: County
) -> None:
    def create(_: int) -> str:
        try:
            return personnel.person(county.id, username="at.once", password=PASSWORD)
        except grpc.RpcError as error:
            return problem_of(error).reason

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(create, range(6)))

    assert answers.count("USERNAME_TAKEN") == 5
    people = personnel.calls.ListPeople(
        pb.ListPeopleRequest(county_id=county.id), metadata=personnel.admin(county.id)
    ).people
    assert [person.person_id in answers for person in people] == [True]


def test_people_are_seen_as_far_as_staff_reaches(personnel: Personnel, county: County) -> None:
    near, far, new, officer = (personnel.person(county.id, f"测试员{n}") for n in range(4))
    personnel.post(county.id, near, "any.observer", grid_id=county.village)
    personnel.post(county.id, far, "any.observer", grid_id=county.far_village)
    personnel.post(county.id, officer, "department.officer", department_id="ecology")

    def seen_by(*scopes: str) -> list[str]:
        caller = personnel.caller(county.id, staff=list(scopes))
        answer = personnel.calls.ListPeople(
            pb.ListPeopleRequest(county_id=county.id), metadata=caller
        )
        return [person.person_id for person in answer.people]

    assert seen_by("g:") == [near, far, new, officer]
    assert seen_by("g:1.") == [near, new]
    assert seen_by("d:ecology") == [new, officer]
    township = personnel.caller(county.id, staff=["g:1."])
    denied = refusal(read, personnel, county, far, township)
    assert denied.status is grpc.StatusCode.PERMISSION_DENIED
    reader = personnel.caller(county.id, read=["g:"])
    assert refusal(read, personnel, county, near, reader).reason == "PERMISSION_DENIED"
    for unknown in (str(uuid4()), "no-uuid"):
        gone = refusal(read, personnel, county, unknown, personnel.admin(county.id))
        assert gone.reason == "PERSON_NOT_FOUND"


def test_people_are_read_page_by_page(personnel: Personnel, county: County) -> None:
    made = [personnel.person(county.id) for _ in range(3)]
    admin = personnel.admin(county.id)

    first = personnel.calls.ListPeople(
        pb.ListPeopleRequest(county_id=county.id, page_size=2), metadata=admin
    )
    rest = personnel.calls.ListPeople(
        pb.ListPeopleRequest(county_id=county.id, page_token=first.next_page_token),
        metadata=admin,
    )

    assert [p.person_id for p in first.people] == made[:2]
    assert ([p.person_id for p in rest.people], rest.next_page_token) == (made[2:], "")
    bad = pb.ListPeopleRequest(county_id=county.id, page_token="WyJ4Il0")
    problem = refusal(personnel.calls.ListPeople, bad, metadata=admin)
    assert [v.pointer for v in problem.violations] == ["/page_token"]


def test_the_same_request_records_one_person(personnel: Personnel, county: County) -> None:
    admin = personnel.admin(county.id)
    request = pb.CreatePersonRequest(
        county_id=county.id, request_id=str(uuid4()), name="测试员甲", username="once.only",
        password=PASSWORD,
    )  # fmt: skip

    first = personnel.calls.CreatePerson(request, metadata=admin)

    assert personnel.calls.CreatePerson(request, metadata=admin) == first
    request.name = "测试员乙"
    reused = refusal(personnel.calls.CreatePerson, request, metadata=admin)
    assert reused.reason == "IDEMPOTENCY_KEY_REUSED"


def test_logs_carry_no_personal_data(
    personnel: Personnel, county: County, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    personnel.person(
        county.id, "不该出现", phone="13812345678", username="log.gone", password=PASSWORD
    )
    refusal(personnel.sign_in, county.id, "log.gone", PASSWORD)

    written = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "answered" in written
    for secret in ("不该出现", "13812345678", PASSWORD):
        assert secret not in written


def test_another_county_s_people_and_posts_do_not_exist(
    personnel: Personnel, county: County, make_county
) -> None:
    other = make_county(f"{county.id}-b")
    person_id = personnel.person(county.id, username="same.name", password=PASSWORD)
    post = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    stranger = personnel.admin(other.id)

    assert refusal(read, personnel, other, person_id, stranger).reason == "PERSON_NOT_FOUND"
    end = pb.EndPostRequest(county_id=other.id, post_id=post.post_id)
    problem = refusal(personnel.calls.EndPost, end, metadata=stranger)
    assert problem.reason == "POST_NOT_FOUND"
    for method, request in (
        ("ListPeople", pb.ListPeopleRequest(county_id=county.id)),
        ("ListPosts", pb.ListPostsRequest(county_id=county.id)),
    ):
        problem = refusal(getattr(personnel.calls, method), request, metadata=stranger)
        assert problem.reason == "COUNTY_NOT_FOUND"
    posts = personnel.calls.ListPosts(
        pb.ListPostsRequest(county_id=other.id, person_id=person_id), metadata=stranger
    )
    assert list(posts.posts) == []


def test_no_table_shows_another_county_s_rows(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id, username="row.level", password=PASSWORD)
    personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    refusal(personnel.sign_in, county.id, "row.level", "wrong password")
    personnel.sign_in(county.id, "row.level")
    refusal(personnel.sign_in, county.id, "nobody", "wrong password")
    engine = personnel.databases.engine("personnel")
    own = {"people", "accounts", "posts", "sessions", "refresh_tokens", "sign_in_failures"}
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert own < tables

    for county_id in (county.id, f"{county.id}-other", ""):
        with engine.begin() as connection:
            connection.execute(SET_COUNTY, {"county": county_id})
            for table in tables:
                query = text(f"SELECT count(*) FROM {table} WHERE county_id = :county")
                seen = connection.execute(query, {"county": county.id}).scalar_one()
                assert seen == 0 or county_id == county.id, table
                assert seen > 0 or county_id != county.id or table not in own, table


def test_the_database_keeps_people_and_posts_for_good(personnel: Personnel) -> None:
    for table in ("people", "accounts", "posts"):
        with (
            personnel.databases.engine("personnel").connect() as connection,
            pytest.raises(Exception, match="permission denied"),
        ):
            connection.execute(text(f"DELETE FROM {table}"))


def test_the_models_say_what_the_migrations_made(personnel: Personnel) -> None:
    migrate.check("personnel", personnel.databases.admin_url)


def test_the_first_operator_has_the_password_that_was_set_last(personnel: Personnel) -> None:
    url = personnel.databases.url("personnel")
    with personnel.databases.admin_engine("personnel").begin() as connection:
        for table in ("sign_in_failures", "refresh_tokens", "sessions", "accounts"):
            connection.execute(text(f"DELETE FROM {table} WHERE county_id = 'city'"))
    with pytest.raises(InvalidArgument):
        ensure_operator(url, "short")
    ensure_operator(url, PASSWORD)
    tokens = personnel.sign_in("city", "operator")
    ensure_operator(url, PASSWORD)
    tokens = personnel.refresh("city", tokens.refresh_token)

    claims = personnel.claims(tokens)
    assert (claims.county_id, claims.roles) == ("city", frozenset({"city_operator"}))
    assert claims.capabilities == {}
    ensure_operator(url, "another long password")
    over = refusal(personnel.refresh, "city", tokens.refresh_token)
    assert over.reason == "SESSION_OVER"
    assert refusal(personnel.sign_in, "city", "operator").reason == "SIGN_IN_REFUSED"
    again = personnel.sign_in("city", "operator", "another long password")
    assert again.person_id == tokens.person_id
    with pytest.raises(InvalidArgument):
        ensure_operator(url, "short")


def test_contact_data_travels_in_the_contact_event_alone(
    personnel: Personnel, county: County
) -> None:
    person_id = personnel.person(county.id, "测试员甲", phone="138 1234 5678")
    personnel.post(county.id, person_id, "any.observer", grid_id=county.village)

    with personnel.databases.admin_engine("personnel").connect() as connection:
        query = text("SELECT key, body FROM outbox WHERE county_id = :county")
        rows = connection.execute(query, {"county": county.id}).all()
    bodies = {row.key: bytes(row.body).decode() for row in rows}

    assert set(bodies) == {"contact.changed.v1", "post.assigned.v1"}
    assert "测试员" not in bodies["post.assigned.v1"]
    assert orjson.loads(bodies["contact.changed.v1"])["data"] == {
        "person_id": person_id,
        "display_name": "测试员甲",
        "phone": "13812345678",
        "email": None,
    }
