"""Signing in, staying signed in, and what tokens say, over gRPC and a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest
from sqlalchemy import text

from services.personnel.base import STRUCTURE
from shared.db.transaction import SET_COUNTY
from shared.structure.store import Structure
from tests.integration.personnel.conftest import PASSWORD, County, Personnel
from tests.integration.personnel.scheme import SCHEME, role
from tests.support.refusals import refusal
from wangge.personnel.v1 import people_service_pb2 as pb


def patroller(personnel: Personnel, county: County, username: str = "patroller", **post) -> str:
    person_id = personnel.person(county.id, username=username, password=PASSWORD)
    personnel.post(county.id, person_id, "village.patroller", grid_id=county.village, **post)
    return person_id


def test_a_token_says_what_the_posts_in_force_allow(personnel: Personnel, county: County) -> None:
    person_id = patroller(personnel, county)
    personnel.post(county.id, person_id, "department.officer", department_id="ecology")

    tokens = personnel.sign_in(county.id, "patroller")

    claims = personnel.claims(tokens)
    assert (claims.county_id, str(claims.person_id)) == (county.id, person_id)
    assert claims.capabilities == {
        "accept_transfer": ("d:ecology",),
        "handle": ("d:ecology",),
        "patrol": ("g:1.2.",),
        "read": ("d:ecology", "g:1.2."),
        "report": ("g:1.2.",),
    }
    assert claims.roles == frozenset()
    assert (tokens.token_type, tokens.expires_in) == ("Bearer", 900)


def test_the_token_opens_the_platform(personnel: Personnel, county: County) -> None:
    person_id = patroller(personnel, county)
    tokens = personnel.sign_in(county.id, "patroller")

    answer = personnel.calls.GetPerson(
        pb.GetPersonRequest(county_id=county.id, person_id=person_id),
        metadata=[("authorization", f"Bearer {tokens.access_token}")],
    )

    assert answer.person.username == "patroller"


@pytest.mark.parametrize("username", ["patroller", "nobody", "x", "ab" * 32])
@pytest.mark.parametrize("password", ["wrong password", "p" * 1024])
def test_what_was_wrong_is_never_said(
    personnel: Personnel, county: County, username: str, password: str
) -> None:
    patroller(personnel, county)

    problem = refusal(personnel.sign_in, county.id, username, password)

    assert problem.status is grpc.StatusCode.UNAUTHENTICATED
    assert problem.reason == "SIGN_IN_REFUSED"
    assert problem.metadata == {}


@pytest.mark.parametrize("username", ["patroller", "nobody"])
@pytest.mark.parametrize("password", ["", "p" * 5000])
def test_what_is_no_password_is_a_fault_of_the_field_whoever_is_named(
    personnel: Personnel, county: County, username: str, password: str
) -> None:
    patroller(personnel, county)

    problem = refusal(personnel.sign_in, county.id, username, password)

    assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
    assert [each.pointer for each in problem.violations] == ["/password"]


def test_what_no_database_keeps_is_a_fault_of_the_field_whether_or_not_anybody_is_called_so(
    personnel: Personnel, county: County
) -> None:
    for county_id, username, pointer in (
        (county.id, "a\x00b", "/username"),
        ("city\x00", "a", "/county_id"),
    ):
        problem = refusal(personnel.sign_in, county_id, username)
        assert problem.status is grpc.StatusCode.INVALID_ARGUMENT
        assert [violation.pointer for violation in problem.violations] == [pointer]


@pytest.mark.parametrize(
    ("unknown", "signing_in", "renewing"),
    [
        ("no-such-county", "SIGN_IN_REFUSED", "SESSION_OVER"),
        ("", "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        ("../x", "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    ],
)
def test_an_unknown_county_looks_the_same_and_leaves_no_trace(
    personnel: Personnel, unknown: str, signing_in: str, renewing: str
) -> None:
    def kept() -> int:
        with personnel.databases.admin_engine("personnel").connect() as connection:
            return connection.execute(text("SELECT count(*) FROM sign_in_failures")).scalar_one()

    before = kept()

    for _ in range(7):
        assert refusal(personnel.sign_in, unknown, "patroller").reason == signing_in
        assert refusal(personnel.refresh, unknown, "token").reason == renewing

    assert kept() == before


@pytest.mark.parametrize("username", ["patroller", "nobody"])
def test_the_fifth_failure_locks_a_username_whether_it_exists_or_not(
    personnel: Personnel, county: County, username: str
) -> None:
    patroller(personnel, county)
    for _ in range(5):
        assert refusal(personnel.sign_in, county.id, username, "wrong password") is not None

    locked = refusal(personnel.sign_in, county.id, username.upper(), PASSWORD)

    assert locked.status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert locked.reason == "ACCOUNT_LOCKED"
    assert 890 <= locked.retry_after <= 900


def test_guesses_made_at_once_count_one_by_one(personnel: Personnel, county: County) -> None:
    patroller(personnel, county)

    with ThreadPoolExecutor(12) as pool:
        guesses = [
            pool.submit(refusal, personnel.sign_in, county.id, "patroller", "wrong password")
            for _ in range(12)
        ]
        reasons = sorted(guess.result().reason for guess in guesses)

    assert reasons == ["ACCOUNT_LOCKED"] * 7 + ["SIGN_IN_REFUSED"] * 5


def test_a_lock_opens_when_its_time_is_over(personnel: Personnel, county: County) -> None:
    patroller(personnel, county)
    for _ in range(5):
        refusal(personnel.sign_in, county.id, "patroller", "wrong password")
    with personnel.databases.admin_engine("personnel").begin() as connection:
        connection.execute(
            text(
                "UPDATE sign_in_failures SET failed_at = failed_at - interval '15 minutes 1 second'"
                " WHERE county_id = :county"
            ),
            {"county": county.id},
        )

    assert personnel.sign_in(county.id, "patroller").access_token


def test_a_right_password_clears_the_failures_before_it(
    personnel: Personnel, county: County
) -> None:
    patroller(personnel, county)

    for _ in range(3):
        for _ in range(4):
            refusal(personnel.sign_in, county.id, "patroller", "wrong password")
        assert personnel.sign_in(county.id, "patroller").access_token


def test_equal_usernames_of_two_counties_are_two_accounts(
    personnel: Personnel, county: County, make_county
) -> None:
    other = make_county(f"{county.id}-b")
    here = patroller(personnel, county, "same.name")
    there = personnel.person(other.id, username="same.name", password="another password")
    personnel.post(other.id, there, "village.patroller", grid_id=other.far_village)

    assert personnel.sign_in(county.id, "same.name").person_id == here
    tokens = personnel.sign_in(other.id, "same.name", "another password")
    assert personnel.claims(tokens).capabilities["read"] == ("g:10.4.",)
    assert refusal(personnel.sign_in, other.id, "same.name").reason == "SIGN_IN_REFUSED"
    taken = refusal(personnel.refresh, county.id, tokens.refresh_token)
    assert taken.reason == "SESSION_OVER"
    assert personnel.refresh(other.id, tokens.refresh_token).access_token


def test_a_refresh_token_is_spent_by_its_use(personnel: Personnel, county: County) -> None:
    patroller(personnel, county)
    first = personnel.sign_in(county.id, "patroller").refresh_token

    second = personnel.refresh(county.id, first).refresh_token

    assert second != first
    assert personnel.refresh(county.id, second).refresh_token not in {first, second}


def test_a_spent_token_ends_the_whole_session(personnel: Personnel, county: County) -> None:
    patroller(personnel, county)
    other_session = personnel.sign_in(county.id, "patroller").refresh_token
    first = personnel.sign_in(county.id, "patroller").refresh_token
    second = personnel.refresh(county.id, first).refresh_token

    assert refusal(personnel.refresh, county.id, first).reason == "SESSION_OVER"

    assert refusal(personnel.refresh, county.id, second).reason == "SESSION_OVER"
    assert personnel.refresh(county.id, other_session).access_token


def test_of_two_uses_at_once_one_wins_and_the_session_ends(
    personnel: Personnel, county: County
) -> None:
    patroller(personnel, county)
    token = personnel.sign_in(county.id, "patroller").refresh_token

    def use(_: int) -> str:
        try:
            return str(personnel.refresh(county.id, token).refresh_token)
        except grpc.RpcError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        renewed = [answer for answer in pool.map(use, range(8)) if answer]

    assert len(renewed) == 1
    assert refusal(personnel.refresh, county.id, renewed[0]).reason == "SESSION_OVER"


def test_a_refresh_token_lives_fourteen_days(personnel: Personnel, county: County) -> None:
    patroller(personnel, county)
    token = personnel.sign_in(county.id, "patroller").refresh_token
    with personnel.databases.admin_engine("personnel").begin() as connection:
        left = connection.execute(
            text(
                "UPDATE refresh_tokens SET expires_at = expires_at - interval '14 days'"
                " WHERE county_id = :county RETURNING expires_at"
            ),
            {"county": county.id},
        ).scalar_one()
    assert abs(left - datetime.now(UTC)) < timedelta(minutes=1)

    assert refusal(personnel.refresh, county.id, token).reason == "SESSION_OVER"


def test_neither_passwords_nor_refresh_tokens_are_kept(
    personnel: Personnel, county: County
) -> None:
    request = pb.CreatePersonRequest(
        county_id=county.id, request_id=str(uuid4()), name="测试员甲", username="kept.not",
        password=PASSWORD,
    )  # fmt: skip
    answer = personnel.calls.CreatePerson(request, metadata=personnel.admin(county.id))
    personnel.post(county.id, answer.person.person_id, "any.observer", grid_id=county.village)
    token = personnel.sign_in(county.id, "kept.not").refresh_token

    with personnel.databases.admin_engine("personnel").connect() as connection:
        tables = ("accounts", "sessions", "refresh_tokens", "idempotency_keys", "outbox")
        rows = [
            str([bytes(c) if isinstance(c, memoryview) else c for c in row])
            for table in tables
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
        kept_hash = connection.execute(
            text("SELECT password_hash FROM accounts WHERE county_id = :county"),
            {"county": county.id},
        ).scalar_one()
    assert not [row for row in rows if PASSWORD in row or token in row]
    assert kept_hash.startswith("$argon2id$")


def test_an_ended_post_vanishes_from_the_next_token(personnel: Personnel, county: County) -> None:
    person_id = patroller(personnel, county)
    second = personnel.post(
        county.id, person_id, "village.patroller", grid_id=county.second_village
    )
    tokens = personnel.sign_in(county.id, "patroller")
    assert personnel.claims(tokens).capabilities["patrol"] == ("g:1.2.", "g:1.3.")

    personnel.calls.EndPost(
        pb.EndPostRequest(county_id=county.id, post_id=second.post_id),
        metadata=personnel.admin(county.id),
    )

    renewed = personnel.refresh(county.id, tokens.refresh_token)
    assert personnel.claims(renewed).capabilities["patrol"] == ("g:1.2.",)


def test_the_session_ends_with_the_last_post(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id, username="leaver", password=PASSWORD)
    post = personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    token = personnel.sign_in(county.id, "leaver").refresh_token
    personnel.calls.EndPost(
        pb.EndPostRequest(county_id=county.id, post_id=post.post_id),
        metadata=personnel.admin(county.id),
    )

    assert refusal(personnel.refresh, county.id, token).reason == "SESSION_OVER"

    personnel.post(county.id, person_id, "any.observer", grid_id=county.village)
    assert refusal(personnel.refresh, county.id, token).reason == "SESSION_OVER"
    assert personnel.sign_in(county.id, "leaver").access_token


def test_posts_before_and_after_their_time_give_nothing(
    personnel: Personnel, county: County
) -> None:
    now = datetime.now(UTC)
    person_id = personnel.person(county.id, username="sometime", password=PASSWORD)
    over = {"valid_from": now - timedelta(days=9), "valid_to": now - timedelta(days=1)}
    personnel.post(county.id, person_id, "any.observer", grid_id=county.village, **over)
    to_come = {"valid_from": now + timedelta(days=1)}
    personnel.post(county.id, person_id, "any.observer", grid_id=county.township, **to_come)

    problem = refusal(personnel.sign_in, county.id, "sometime")

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "NO_POST_IN_FORCE",
    )


def test_a_token_does_not_outlive_the_post(personnel: Personnel, county: County) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=3)
    patroller(personnel, county, valid_to=soon)

    tokens = personnel.sign_in(county.id, "patroller")

    assert 170 <= tokens.expires_in <= 180
    assert personnel.claims(tokens).expires_at <= soon.timestamp()


def test_a_new_version_of_the_scheme_changes_what_a_role_may_do(
    personnel: Personnel, county: County
) -> None:
    patroller(personnel, county)
    tokens = personnel.sign_in(county.id, "patroller")
    document = {**SCHEME, "role_types": [role("village.patroller", "grid", "village", "handle")]}
    with personnel.databases.engine("personnel").begin() as connection:
        connection.execute(SET_COUNTY, {"county": county.id})
        Structure(connection, STRUCTURE, county.id).apply_scheme(
            {"version": 2, "effective_on": datetime.now(UTC).date(), "document": document}
        )

    renewed = personnel.refresh(county.id, tokens.refresh_token)

    assert set(personnel.claims(renewed).capabilities) == {"handle", "read"}
