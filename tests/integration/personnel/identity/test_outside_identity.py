"""Signing in with a real OpenID Connect provider, which runs as a process of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from joserfc.jwk import OctKey, RSAKey

from services.personnel.identity.domain import IdTokenRefused
from services.personnel.identity.issuer import IssuerUnavailable, OidcIssuer, OidcSettings
from shared.config import ConfigError, Env
from shared.rpc.errors import problem_of
from tests.integration.personnel.conftest import PASSWORD, County, Personnel
from tests.integration.personnel.identity.outside import (
    CLIENT_ID,
    OTHER_CLIENT_ID,
    Authority,
    Place,
    Provider,
    free_port,
    mixed_up,
    new_keys,
)
from tests.integration.service_fixtures import bearer
from tests.support.refusals import refusal
from wangge.personnel.v1 import accounts_service_pb2 as pb
from wangge.personnel.v1 import auth_service_pb2 as auth_pb


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with Place(tmp_path_factory.mktemp("provider")).running(new_keys("first")) as provider:
        yield provider


@pytest.fixture(autouse=True)
def _trusted(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", provider.address)
    monkeypatch.setenv("OIDC_CLIENT_ID", CLIENT_ID)


def exchange(personnel: Personnel, county_id: str, id_token: str, nonce: str = "") -> Any:
    request = auth_pb.ExchangeTokenRequest(county_id=county_id, id_token=id_token, nonce=nonce)
    return personnel.auth.ExchangeToken(request).tokens


def link(
    personnel: Personnel, county: County, person_id: str, caller: Any = None, **given: str
) -> Any:
    request = pb.LinkIdentityRequest(county_id=county.id, person_id=person_id, **given)
    return personnel.accounts.LinkIdentity(
        request, metadata=caller or personnel.admin(county.id)
    ).account


def unlink(personnel: Personnel, county: County, person_id: str, caller: Any) -> Any:
    request = pb.UnlinkIdentityRequest(county_id=county.id, person_id=person_id)
    return personnel.accounts.UnlinkIdentity(request, metadata=caller).account


def posted(personnel: Personnel, county: County, username: str = "worker") -> str:
    person_id = personnel.person(county.id, username=username, password=PASSWORD)
    personnel.post(county.id, person_id, "village.patroller", grid_id=county.village)
    return person_id


def test_whom_the_issuer_knows_is_signed_in_as_their_posts_allow(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    person_id = posted(personnel, county)
    linked = link(personnel, county, person_id, subject="outside.one")

    tokens = exchange(personnel, county.id, provider.id_token("outside.one", "n-1"), "n-1")

    claims = personnel.claims(tokens)
    assert (str(claims.person_id), claims.county_id) == (person_id, county.id)
    assert claims.capabilities["patrol"] == ("g:1.2.",)
    assert personnel.refresh(county.id, tokens.refresh_token).access_token
    assert [each.subject for each in linked.identities] == ["outside.one"]
    request = pb.ListAuditRequest(county_id=county.id, action="identity.linked")
    answer = personnel.accounts.ListAudit(request, metadata=personnel.admin(county.id))
    assert [entry.person_id for entry in answer.entries] == [person_id]


def test_without_a_post_or_with_a_disabled_account_nobody_is_signed_in(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    person_id = personnel.person(county.id, username="worker", password=PASSWORD)
    link(personnel, county, person_id, subject="outside.one")

    problem = refusal(exchange, personnel, county.id, provider.id_token("outside.one"))
    assert problem.reason == "NO_POST_IN_FORCE"
    personnel.post(county.id, person_id, "village.patroller", grid_id=county.village)
    disable = pb.DisableAccountRequest(county_id=county.id, person_id=person_id)
    personnel.accounts.DisableAccount(disable, metadata=personnel.admin(county.id))
    problem = refusal(exchange, personnel, county.id, provider.id_token("outside.one"))
    assert problem.reason == "ACCOUNT_DISABLED"


def test_a_subject_that_is_not_linked_in_the_county_is_refused(
    personnel: Personnel, county: County, provider: Provider, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{county.id}-b")
    link(personnel, county, posted(personnel, county), subject="outside.one")

    for county_id, user in ((county.id, "outside.two"), (other.id, "outside.one")):
        problem = refusal(exchange, personnel, county_id, provider.id_token(user))
        assert (problem.status, problem.reason) == (
            grpc.StatusCode.PERMISSION_DENIED,
            "IDENTITY_NOT_LINKED",
        )
        assert problem.detail.en != problem.detail.zh
    problem = refusal(exchange, personnel, "no-such-county", provider.id_token("outside.one"))
    assert problem.reason == "IDENTITY_NOT_LINKED"


def test_a_token_is_used_once_in_whatever_county(
    personnel: Personnel, county: County, provider: Provider, make_county: Callable[..., County]
) -> None:
    other = make_county(f"{county.id}-b")
    for each in (county, other):
        link(personnel, each, posted(personnel, each), subject="outside.one")
    token = provider.id_token("outside.one")

    def use(_: int) -> str:
        try:
            return str(exchange(personnel, county.id, token).token_type)
        except grpc.RpcError as error:
            return problem_of(error).reason

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(use, range(6)))

    assert answers == ["Bearer"] + ["ID_TOKEN_REFUSED"] * 5
    assert refusal(exchange, personnel, other.id, token).reason == "ID_TOKEN_REFUSED"
    assert exchange(personnel, other.id, provider.id_token("outside.one")).access_token


NOW = datetime.now(UTC).timestamp()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://id.example.test"},
        {"iss": None},
        {"aud": OTHER_CLIENT_ID},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT_ID, OTHER_CLIENT_ID]},
        {"aud": [CLIENT_ID, OTHER_CLIENT_ID], "azp": OTHER_CLIENT_ID},
        {"azp": OTHER_CLIENT_ID},
        {"exp": int(NOW) - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": int(NOW) + 3600},
        {"iat": None},
        {"nbf": int(NOW) + 3600},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
        {"nonce": "another"},
        {"nonce": None},
    ],
    ids=" ".join,
)
def test_a_token_that_says_something_else_is_refused(
    personnel: Personnel, county: County, provider: Provider, claims: dict[str, Any]
) -> None:
    link(personnel, county, posted(personnel, county), subject="outside.one")
    token = provider.forged(**{"nonce": "n", **claims})

    problem = refusal(exchange, personnel, county.id, token, "n")

    assert (problem.status, problem.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "ID_TOKEN_REFUSED",
    )


def test_clocks_may_be_a_minute_apart(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    link(personnel, county, posted(personnel, county), subject="outside.one")
    now = int(datetime.now(UTC).timestamp())

    for claims in ({"exp": now - 30, "iat": now - 60}, {"iat": now + 30}):
        assert exchange(personnel, county.id, provider.forged(**claims)).access_token
    both = provider.forged(aud=[CLIENT_ID, OTHER_CLIENT_ID], azp=CLIENT_ID)
    assert exchange(personnel, county.id, both).access_token


def test_the_issuer_s_keys_of_every_kind_are_taken_and_nobody_else_s(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    link(personnel, county, posted(personnel, county), subject="outside.one")
    rsa, ec, ed = provider.keys
    stranger = RSAKey.generate_key(2048, {"kid": rsa.kid})
    secret = OctKey.import_key("a shared secret of thirty-two bytes!", {"kid": rsa.kid})

    for key, algorithm in ((rsa, "RS256"), (ec, "ES256"), (ed, "Ed25519")):
        token = provider.forged({"alg": algorithm}, key)
        assert exchange(personnel, county.id, token).access_token
    head, body, signature = provider.forged().split(".")
    for forged in (
        provider.forged(key=stranger),
        provider.forged(key=RSAKey.generate_key(2048, {"kid": "nobody's"})),
        provider.forged({"alg": "HS256"}, secret),
        mixed_up(provider.forged(), rsa),
        provider.forged({"alg": "ES256", "kid": rsa.kid}, ec),
        provider.forged({"alg": "RS384"}, RSAKey.import_key(rsa.as_dict(private=True) | {"alg": "RS384"})),
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{head}.{body}.{signature[:-4]}",
        f"{head}.{body}",
        "no token",
        "a.b.c",
        "x" * 16_000,
    ):  # fmt: skip
        problem = refusal(exchange, personnel, county.id, forged)
        assert problem.reason == "ID_TOKEN_REFUSED", forged


def test_a_token_for_another_client_of_the_issuer_opens_nothing(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    link(personnel, county, posted(personnel, county), subject="outside.one")
    token = provider.id_token("outside.one", client_id=OTHER_CLIENT_ID)

    assert refusal(exchange, personnel, county.id, token).reason == "ID_TOKEN_REFUSED"


def test_people_link_themselves_with_a_token_just_issued(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    person_id = posted(personnel, county)
    me = bearer(personnel.sign_in(county.id, "worker").access_token)
    token, key = provider.id_token("outside.two", "n"), str(uuid4())
    given = {"id_token": token, "nonce": "n", "request_id": key}

    linked = link(personnel, county, person_id, me, **given)

    assert [each.subject for each in linked.identities] == ["outside.two"]
    assert link(personnel, county, person_id, me, **given) == linked
    assert refusal(exchange, personnel, county.id, token).reason == "ID_TOKEN_REFUSED"
    assert exchange(personnel, county.id, provider.id_token("outside.two")).access_token
    long_ago = int((datetime.now(UTC) - timedelta(minutes=6)).timestamp())
    old = provider.forged(iat=long_ago, sub="outside.three")
    stale = refusal(link, personnel, county, person_id, me, id_token=old)
    assert stale.reason == "ID_TOKEN_REFUSED"
    unlink(personnel, county, person_id, me)
    gone = refusal(exchange, personnel, county.id, provider.id_token("outside.two"))
    assert gone.reason == "IDENTITY_NOT_LINKED"


def test_nobody_links_what_is_not_theirs(
    personnel: Personnel, county: County, provider: Provider
) -> None:
    person_id = posted(personnel, county)
    colleague = posted(personnel, county, "colleague")
    me = bearer(personnel.sign_in(county.id, "worker").access_token)
    township = personnel.caller(county.id, staff=["g:10."])

    by_name = refusal(link, personnel, county, person_id, me, subject="outside.one")
    assert by_name.reason == "PERMISSION_DENIED"
    token = provider.id_token("outside.one")
    for_another = refusal(link, personnel, county, colleague, me, id_token=token)
    assert for_another.reason == "PERMISSION_DENIED"
    beyond = refusal(link, personnel, county, person_id, township, subject="outside.one")
    assert beyond.reason == "PERMISSION_DENIED"
    assert refusal(unlink, personnel, county, colleague, me).reason == "PERMISSION_DENIED"
    for given in ({}, {"subject": "outside.one", "id_token": "a.b.c"}, {"subject": "s" * 256}):
        bad = refusal(link, personnel, county, person_id, **given)
        assert [each.pointer for each in bad.violations] == ["/subject"]


def test_an_identity_opens_one_account_and_an_account_has_one_identity(
    personnel: Personnel, county: County
) -> None:
    first, second = posted(personnel, county), posted(personnel, county, "colleague")
    linked = link(personnel, county, first, subject="outside.one")

    assert link(personnel, county, first, subject="outside.one") == linked
    for person_id, subject in ((second, "outside.one"), (first, "outside.two")):
        problem = refusal(link, personnel, county, person_id, subject=subject)
        assert (problem.status, problem.reason) == (
            grpc.StatusCode.ALREADY_EXISTS,
            "IDENTITY_LINKED_ALREADY",
        )
    nobody = personnel.person(county.id)
    problem = refusal(link, personnel, county, nobody, subject="outside.two")
    assert problem.reason == "ACCOUNT_NOT_FOUND"


def test_of_two_links_at_once_one_is_made(personnel: Personnel, county: County) -> None:
    people = [posted(personnel, county, f"worker{n}") for n in range(4)]

    def make(person_id: str) -> str:
        try:
            link(personnel, county, person_id, subject="outside.one")
        except grpc.RpcError as error:
            return problem_of(error).reason
        return "linked"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(make, people))

    assert answers == ["IDENTITY_LINKED_ALREADY"] * 3 + ["linked"]


class TestAnIssuerThatIsAway:
    @pytest.fixture(autouse=True)
    def _away(self, _trusted: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OIDC_ISSUER", f"http://127.0.0.1:{free_port()}")

    def test_nobody_is_signed_in_and_all_are_told_when_to_come_back(
        self, personnel: Personnel, county: County, provider: Provider
    ) -> None:
        link(personnel, county, posted(personnel, county), subject="outside.one")

        for _ in range(2):
            problem = refusal(exchange, personnel, county.id, provider.id_token("outside.one"))

            assert (problem.status, problem.reason) == (
                grpc.StatusCode.UNAVAILABLE,
                "ISSUER_UNAVAILABLE",
            )
            assert problem.retry_after == 5
        assert personnel.sign_in(county.id, "worker").access_token


class TestWithoutAnIssuer:
    @pytest.fixture(autouse=True)
    def _off(self, _trusted: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("OIDC_ISSUER")
        monkeypatch.delenv("OIDC_CLIENT_ID")

    def test_the_feature_is_off(
        self, personnel: Personnel, county: County, provider: Provider
    ) -> None:
        person_id = posted(personnel, county)
        admin = personnel.admin(county.id)

        for call, given in (
            (exchange, (county.id, provider.id_token("outside.one"))),
            (link, (county, person_id, admin)),
            (unlink, (county, person_id, admin)),
        ):
            problem = refusal(call, personnel, *given)
            assert (problem.status, problem.reason) == (
                grpc.StatusCode.NOT_FOUND,
                "OUTSIDE_SIGN_IN_OFF",
            )


def test_new_keys_are_read_when_a_token_names_one_but_not_all_the_time(tmp_path: Path) -> None:
    place, seconds = Place(tmp_path), [1000.0]
    settings = OidcSettings(f"http://127.0.0.1:{place.port}", CLIENT_ID, None)
    issuer = OidcIssuer(settings, lambda: datetime.now(UTC), lambda: seconds[0])
    with place.running(new_keys("old")) as old:
        assert issuer.verify(old.id_token("outside.one"), None).identity.subject == "outside.one"
        late = old.forged()
    with place.running(new_keys("new")) as new:
        token = new.forged()
        with pytest.raises(IdTokenRefused):
            issuer.verify(token, None)
        assert issuer.verify(late, None)
        seconds[0] += 30
        assert issuer.verify(token, None)
        with pytest.raises(IdTokenRefused):
            issuer.verify(late, None)
    assert issuer.verify(new.forged(), None)
    seconds[0] += 300
    with pytest.raises(IssuerUnavailable):
        issuer.verify(new.forged(), None)


def test_an_issuer_with_a_certificate_of_the_county_s_own_authority_is_believed(
    tmp_path: Path,
) -> None:
    place, authority = Place(tmp_path), Authority()
    with place.running(new_keys("tls"), authority) as provider:
        token = provider.id_token("outside.one")
        for ca, says in ((authority.pem, "outside.one"), (None, ""), (Authority().pem, "")):
            settings = OidcSettings(provider.address, CLIENT_ID, ca)
            issuer = OidcIssuer(settings, lambda: datetime.now(UTC))
            if says:
                assert issuer.verify(token, None).identity.subject == says
            else:
                with pytest.raises(IssuerUnavailable):
                    issuer.verify(token, None)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"OIDC_ISSUER": "https://id.example.test"}, "both"),
        ({"OIDC_CLIENT_ID": CLIENT_ID}, "both"),
        ({"OIDC_ISSUER": "http://id.example.test", "OIDC_CLIENT_ID": CLIENT_ID}, "https"),
        ({"OIDC_ISSUER": "nothing", "OIDC_CLIENT_ID": CLIENT_ID}, "https"),
    ],
)
def test_half_set_or_unsafe_settings_are_refused(environ: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        OidcSettings.read(Env(environ))


def test_an_authority_that_is_none_is_refused() -> None:
    settings = OidcSettings("https://id.example.test", CLIENT_ID, "no certificate")

    with pytest.raises(ConfigError, match="OIDC_CA"):
        settings.trust()
