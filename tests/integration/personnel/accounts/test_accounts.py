"""Accounts: invited, reset, unlocked, disabled; passwords changed; sessions seen and ended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
from sqlalchemy import text

from shared.rpc.errors import problem_of
from tests.integration.personnel.answers import leave
from tests.integration.personnel.conftest import OWN_PASSWORD, PASSWORD, County, Personnel
from tests.integration.service_fixtures import bearer
from tests.support.refusals import refusal
from wangge.personnel.v1 import accounts_pb2
from wangge.personnel.v1 import accounts_service_pb2 as pb
from wangge.personnel.v1 import auth_service_pb2 as auth_pb
from wangge.personnel.v1 import people_service_pb2 as people_pb


def invite(
    personnel: Personnel, county: County, person_id: str, username: str = "newcomer",
    caller: Any = None, **more: Any,
) -> Any:  # fmt: skip
    request = pb.InvitePersonRequest(
        county_id=county.id, person_id=person_id, username=username, **more
    )
    return personnel.accounts.InvitePerson(request, metadata=caller or personnel.admin(county.id))


def accept(
    personnel: Personnel, county_id: str, code: str, username: str = "newcomer",
    password: str = OWN_PASSWORD,
) -> Any:  # fmt: skip
    return personnel.auth.AcceptInvitation(
        auth_pb.AcceptInvitationRequest(
            county_id=county_id, username=username, code=code, password=password
        )
    )


def act(
    personnel: Personnel, county: County, verb: str, person_id: str, caller: Any = None,
    **more: Any,
) -> Any:  # fmt: skip
    request = getattr(pb, f"{verb}Request")(county_id=county.id, person_id=person_id, **more)
    return getattr(personnel.accounts, verb)(request, metadata=caller or personnel.admin(county.id))


def own(personnel: Personnel, verb: str, tokens: Any, county_id: str, **more: Any) -> Any:
    request = getattr(auth_pb, f"{verb}Request")(county_id=county_id, **more)
    return getattr(personnel.auth, verb)(request, metadata=bearer(tokens.access_token))


def posted(personnel: Personnel, county: County, username: str = "worker") -> str:
    """Somebody with a password of their own and a post."""
    person_id = personnel.person(county.id, username=username, password=PASSWORD)
    personnel.post(county.id, person_id, "village.patroller", grid_id=county.village)
    return person_id


def actions(personnel: Personnel, county: County, person_id: str) -> list[str]:
    request = pb.ListAuditRequest(county_id=county.id, person_id=person_id)
    answer = personnel.accounts.ListAudit(request, metadata=personnel.admin(county.id))
    return [entry.action for entry in reversed(answer.entries)]


def test_somebody_invited_chooses_a_password_that_nobody_else_has_seen(
    personnel: Personnel, county: County
) -> None:
    person_id = personnel.person(county.id)
    personnel.post(county.id, person_id, "village.patroller", grid_id=county.village)

    invited = invite(personnel, county, person_id)

    assert invited.account.state == accounts_pb2.ACCOUNT_STATE_INVITED
    left = invited.account.code_expire_time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(hours=71) < left <= timedelta(hours=72)
    assert refusal(personnel.sign_in, county.id, "newcomer").reason == "SIGN_IN_REFUSED"
    assert accept(personnel, county.id, invited.code.lower()).person_id == person_id
    tokens = personnel.sign_in(county.id, "newcomer", OWN_PASSWORD)
    assert not tokens.must_change_password
    assert personnel.claims(tokens).capabilities["patrol"] == ("g:1.2.",)
    assert act(personnel, county, "GetAccount", person_id).account.state == (
        accounts_pb2.ACCOUNT_STATE_ACTIVE
    )
    again = refusal(accept, personnel, county.id, invited.code, password="another nine pines")
    assert again.reason == "INVITATION_REFUSED"
    assert actions(personnel, county, person_id) == [
        "account.invited", "account.invitation_accepted",
    ]  # fmt: skip


def test_a_code_is_shown_once_and_kept_nowhere(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    again = {"caller": personnel.admin(county.id), "request_id": str(uuid4())}

    first = invite(personnel, county, person_id, **again)
    second = invite(personnel, county, person_id, **again)

    assert len(first.code) == 24
    assert second.code == ""
    assert second.account == first.account
    tables = ("one_time_codes", "idempotency_keys", "audit_entries", "outbox")
    with personnel.databases.admin_engine("personnel").connect() as connection:
        for table in tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                plain = str([bytes(c) if isinstance(c, memoryview) else c for c in row])
                assert first.code not in plain
                assert first.code.replace("-", "") not in plain


def test_a_new_invitation_ends_the_earlier_one(personnel: Personnel, county: County) -> None:
    person_id = personnel.person(county.id)
    earlier = invite(personnel, county, person_id).code
    later = invite(personnel, county, person_id, "new.comer").code

    for username in ("newcomer", "new.comer"):
        refused = refusal(accept, personnel, county.id, earlier, username)
        assert (refused.status, refused.reason) == (
            grpc.StatusCode.UNAUTHENTICATED,
            "INVITATION_REFUSED",
        )
    assert accept(personnel, county.id, later, "new.comer").person_id == person_id
    assert refusal(invite, personnel, county, person_id).reason == "ACCOUNT_IN_USE"


def test_a_code_ends_after_three_days(personnel: Personnel, county: County) -> None:
    code = invite(personnel, county, personnel.person(county.id)).code
    with personnel.databases.admin_engine("personnel").begin() as connection:
        connection.execute(
            text(
                "UPDATE one_time_codes SET expires_at = expires_at - interval '72 hours'"
                " WHERE county_id = :county"
            ),
            {"county": county.id},
        )

    assert refusal(accept, personnel, county.id, code).reason == "INVITATION_REFUSED"


def test_of_two_who_use_a_code_at_once_one_chooses_the_password(
    personnel: Personnel, county: County
) -> None:
    code = invite(personnel, county, personnel.person(county.id)).code

    def use(n: int) -> str:
        try:
            accept(personnel, county.id, code, password=f"{n} tall pines stand")
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "chosen"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(use, range(4)))

    assert answers == ["INVITATION_REFUSED"] * 3 + ["chosen"]


def test_guessing_codes_locks_the_username_whether_it_exists_or_not(
    personnel: Personnel, county: County
) -> None:
    code = invite(personnel, county, personnel.person(county.id)).code

    for username in ("newcomer", "nobody.here"):
        for _ in range(5):
            assert refusal(accept, personnel, county.id, "AAAA", username).reason == (
                "INVITATION_REFUSED"
            )
        locked = refusal(accept, personnel, county.id, code, username)
        assert locked.reason == "ACCOUNT_LOCKED"
        assert locked.retry_after is not None


def test_a_bad_password_is_named_before_the_code_is_looked_at(
    personnel: Personnel, county: County
) -> None:
    code = invite(personnel, county, personnel.person(county.id)).code

    for password in ("short", "newcomer in town", "password2026"):
        problem = refusal(accept, personnel, county.id, code, password=password)
        assert [each.pointer for each in problem.violations] == ["/password"]
        assert problem.violations[0].detail.en != problem.violations[0].detail.zh
    assert accept(personnel, county.id, code).person_id


def test_a_code_opens_nothing_in_another_county(
    personnel: Personnel, county: County, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{county.id}-b")
    person_id = personnel.person(county.id)
    code = invite(personnel, county, person_id).code
    invite(personnel, other, personnel.person(other.id))

    assert refusal(accept, personnel, other.id, code).reason == "INVITATION_REFUSED"
    assert refusal(accept, personnel, "no-such-county", code).reason == "INVITATION_REFUSED"
    stranger = personnel.admin(other.id)
    for verb in ("ResetPassword", "UnlockAccount", "DisableAccount", "EnableAccount", "GetAccount"):
        gone = refusal(act, personnel, other, verb, person_id, stranger)
        assert gone.reason == "PERSON_NOT_FOUND"
        nobody = refusal(act, personnel, county, verb, person_id, [("authorization", "")])
        assert nobody.reason == "UNAUTHENTICATED"


def test_a_username_in_use_is_given_to_nobody_else(personnel: Personnel, county: County) -> None:
    invite(personnel, county, personnel.person(county.id), "New.Comer")

    problem = refusal(invite, personnel, county, personnel.person(county.id), "new.comer")

    assert problem.reason == "USERNAME_TAKEN"
    bad = refusal(invite, personnel, county, personnel.person(county.id), "a b")
    assert [each.pointer for each in bad.violations] == ["/username"]


def test_a_password_set_by_somebody_else_allows_nothing_but_changing_it(
    personnel: Personnel, county: County
) -> None:
    request = people_pb.CreatePersonRequest(
        county_id=county.id, name="测试员甲", username="worker", password=PASSWORD
    )
    admin = personnel.admin(county.id)
    person_id = personnel.calls.CreatePerson(request, metadata=admin).person.person_id
    personnel.post(county.id, person_id, "township.direct", grid_id=county.township)

    first = personnel.sign_in(county.id, "worker")

    claims = personnel.claims(first)
    assert first.must_change_password
    assert (claims.capabilities, claims.roles, claims.password_change) == ({}, frozenset(), True)
    read = people_pb.GetPersonRequest(county_id=county.id, person_id=person_id)
    me = bearer(first.access_token)
    assert refusal(personnel.calls.GetPerson, read, metadata=me).reason == (
        "PASSWORD_CHANGE_REQUIRED"
    )
    renewed = personnel.refresh(county.id, first.refresh_token)
    assert renewed.must_change_password
    same = refusal(
        own, personnel, "ChangePassword", first, county.id, old_password=PASSWORD,
        new_password=PASSWORD,
    )  # fmt: skip
    assert [each.pointer for each in same.violations] == ["/new_password"]
    own(personnel, "ChangePassword", first, county.id, old_password=PASSWORD,
        new_password=OWN_PASSWORD)  # fmt: skip
    full = personnel.refresh(county.id, renewed.refresh_token)
    assert not full.must_change_password
    assert personnel.calls.GetPerson(read, metadata=bearer(full.access_token)).person


def test_a_changed_password_ends_all_other_sessions(personnel: Personnel, county: County) -> None:
    person_id = posted(personnel, county)
    other, this = (personnel.sign_in(county.id, "worker") for _ in range(2))
    key = str(uuid4())
    change = {"old_password": PASSWORD, "new_password": OWN_PASSWORD, "request_id": key}

    first = own(personnel, "ChangePassword", this, county.id, **change)

    assert own(personnel, "ChangePassword", this, county.id, **change) == first
    assert refusal(personnel.refresh, county.id, other.refresh_token).reason == "SESSION_OVER"
    assert personnel.refresh(county.id, this.refresh_token).access_token
    assert refusal(personnel.sign_in, county.id, "worker").reason == "SIGN_IN_REFUSED"
    assert personnel.sign_in(county.id, "worker", OWN_PASSWORD).access_token
    assert actions(personnel, county, person_id).count("account.password_changed") == 1


def test_guessing_the_old_password_locks_the_account(personnel: Personnel, county: County) -> None:
    posted(personnel, county)
    tokens = personnel.sign_in(county.id, "worker")
    guess = {"old_password": "not the old one", "new_password": OWN_PASSWORD}

    def guesses(_: int) -> str:
        return refusal(own, personnel, "ChangePassword", tokens, county.id, **guess).reason

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guesses, range(8)))

    assert sorted(answers) == ["ACCOUNT_LOCKED"] * 3 + ["OLD_PASSWORD_WRONG"] * 5
    right = {**guess, "old_password": PASSWORD}
    locked = refusal(own, personnel, "ChangePassword", tokens, county.id, **right)
    assert locked.reason == "ACCOUNT_LOCKED"


def test_of_two_changes_at_once_one_holds(personnel: Personnel, county: County) -> None:
    posted(personnel, county)
    tokens = personnel.sign_in(county.id, "worker")

    def change(n: int) -> str:
        try:
            own(personnel, "ChangePassword", tokens, county.id, old_password=PASSWORD,
                new_password=f"{n} tall pines stand")  # fmt: skip
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "changed"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(change, range(4)))

    assert answers.count("changed") == 1
    assert set(answers) == {"changed", "OLD_PASSWORD_WRONG"}


def test_a_reset_takes_the_password_away_and_ends_the_sessions(
    personnel: Personnel, county: County
) -> None:
    person_id = posted(personnel, county)
    tokens = personnel.sign_in(county.id, "worker")

    reset = act(personnel, county, "ResetPassword", person_id, reason="忘记密码")

    assert refusal(personnel.sign_in, county.id, "worker").reason == "SIGN_IN_REFUSED"
    assert refusal(personnel.refresh, county.id, tokens.refresh_token).reason == "SESSION_OVER"
    accept(personnel, county.id, reset.code, "worker")
    assert personnel.sign_in(county.id, "worker", OWN_PASSWORD).access_token
    nobody = personnel.person(county.id)
    assert refusal(act, personnel, county, "ResetPassword", nobody).reason == "ACCOUNT_NOT_FOUND"


def test_who_looks_after_an_account_reaches_all_its_posts(
    personnel: Personnel, county: County
) -> None:
    person_id = posted(personnel, county)
    township = personnel.caller(county.id, staff=["g:1."])
    department = personnel.caller(county.id, staff=["d:ecology"])
    assert act(personnel, county, "UnlockAccount", person_id, township).account

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    personnel.post(county.id, person_id, "county.admin", valid_from=tomorrow)
    personnel.post(county.id, person_id, "department.officer", department_id="ecology")

    for caller in (township, department):
        for verb in ("ResetPassword", "UnlockAccount", "DisableAccount", "EnableAccount"):
            denied = refusal(act, personnel, county, verb, person_id, caller)
            assert denied.reason == "PERMISSION_DENIED"
    admin_of_county = personnel.person(county.id)
    personnel.post(county.id, admin_of_county, "county.admin")
    personnel.post(county.id, admin_of_county, "department.officer", department_id="ecology")
    denied = refusal(invite, personnel, county, admin_of_county, caller=department)
    assert denied.reason == "PERMISSION_DENIED"


def test_who_looks_after_an_account_reaches_what_it_stands_in_for(
    personnel: Personnel, county: County
) -> None:
    stand_in, holder = posted(personnel, county), posted(personnel, county, "holder")
    since = datetime.now(UTC) - timedelta(days=30)
    personnel.post(county.id, holder, "township.direct", grid_id=county.township, valid_from=since)
    village = personnel.caller(county.id, staff=["g:1.2."])
    assert act(personnel, county, "UnlockAccount", stand_in, village).account
    leave(personnel, county, holder, stand_in_id=stand_in)

    denied = refusal(act, personnel, county, "ResetPassword", stand_in, village)

    assert denied.reason == "PERMISSION_DENIED"


def test_a_locked_account_is_unlocked(personnel: Personnel, county: County) -> None:
    person_id = posted(personnel, county)
    for _ in range(5):
        refusal(personnel.sign_in, county.id, "worker", "not this password")
    assert refusal(personnel.sign_in, county.id, "worker").reason == "ACCOUNT_LOCKED"
    assert act(personnel, county, "GetAccount", person_id).account.HasField("locked_until")

    unlocked = act(personnel, county, "UnlockAccount", person_id, reason="本人到场核实")

    assert not unlocked.account.HasField("locked_until")
    assert personnel.sign_in(county.id, "worker").access_token


def test_a_disabled_account_opens_nothing_until_it_is_enabled(
    personnel: Personnel, county: County
) -> None:
    person_id = posted(personnel, county)
    tokens = personnel.sign_in(county.id, "worker")
    again = {"caller": personnel.admin(county.id), "request_id": str(uuid4()), "reason": "调离"}

    disabled = act(personnel, county, "DisableAccount", person_id, **again)

    assert disabled.account.state == accounts_pb2.ACCOUNT_STATE_DISABLED
    assert act(personnel, county, "DisableAccount", person_id, **again) == disabled
    assert refusal(personnel.sign_in, county.id, "worker").reason == "ACCOUNT_DISABLED"
    assert refusal(personnel.sign_in, county.id, "worker", "a wrong one").reason == (
        "SIGN_IN_REFUSED"
    )
    assert refusal(personnel.refresh, county.id, tokens.refresh_token).reason == "SESSION_OVER"
    sessions = refusal(own, personnel, "ListSessions", tokens, county.id)
    assert sessions.reason == "ACCOUNT_DISABLED"
    act(personnel, county, "DisableAccount", person_id)
    act(personnel, county, "EnableAccount", person_id)
    assert personnel.sign_in(county.id, "worker").access_token
    assert refusal(personnel.refresh, county.id, tokens.refresh_token).reason == "SESSION_OVER"
    assert actions(personnel, county, person_id)[-2:] == ["account.disabled", "account.enabled"]
    myself = personnel.caller(county.id, person_id, staff=["g:"])
    refused = refusal(act, personnel, county, "DisableAccount", person_id, myself)
    assert refused.reason == "NOT_OWN_ACCOUNT"


def test_people_see_and_end_their_own_sessions(personnel: Personnel, county: County) -> None:
    posted(personnel, county)
    posted(personnel, county, "colleague")
    other, this = (personnel.sign_in(county.id, "worker") for _ in range(2))
    theirs = personnel.sign_in(county.id, "colleague")

    first = own(personnel, "ListSessions", this, county.id, page_size=1)
    rest = own(personnel, "ListSessions", this, county.id, page_token=first.next_page_token)

    sessions = [*first.sessions, *rest.sessions]
    assert [session.current for session in sessions] == [False, True]
    foreign = own(personnel, "ListSessions", theirs, county.id).sessions[0].session_id
    for unknown in (foreign, str(uuid4()), "no-uuid"):
        gone = refusal(own, personnel, "EndSession", this, county.id, session_id=unknown)
        assert gone.reason == "SESSION_NOT_FOUND"
    own(personnel, "EndSession", this, county.id, session_id=sessions[0].session_id)
    assert refusal(personnel.refresh, county.id, other.refresh_token).reason == "SESSION_OVER"
    assert personnel.refresh(county.id, theirs.refresh_token).access_token
    own(personnel, "SignOut", this, county.id)
    assert refusal(personnel.refresh, county.id, this.refresh_token).reason == "SESSION_OVER"
    own(personnel, "SignOut", this, county.id)
    assert list(own(personnel, "ListSessions", this, county.id).sessions) == []


def test_a_token_of_another_county_reaches_no_session(
    personnel: Personnel, county: County, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{county.id}-b")
    posted(personnel, county)
    tokens = personnel.sign_in(county.id, "worker")

    for verb in ("ListSessions", "SignOut"):
        problem = refusal(own, personnel, verb, tokens, other.id)
        assert problem.reason == "COUNTY_NOT_FOUND"
    unknown = personnel.caller(county.id, read=["g:"])
    request = auth_pb.ListSessionsRequest(county_id=county.id)
    assert refusal(personnel.auth.ListSessions, request, metadata=unknown).reason == (
        "UNAUTHENTICATED"
    )
