import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.errors import Unauthenticated
from shared.tokens import ISSUER, Signer, TokenExpired, TokenInvalid, Verifier

PERSON, ACCOUNT = uuid4(), uuid4()


def make_key(kid: str) -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": kid}, private=True)


def jwk(key: OKPKey) -> str:
    return orjson.dumps(key.as_dict(private=True)).decode()


def jwks(*keys: OKPKey) -> str:
    return orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]}).decode()


KEY = make_key("2026-11")
VERIFIER = Verifier(jwks(KEY))


def sign(key: OKPKey = KEY, **given: object) -> str:
    values = {
        "county_id": "t1",
        "person_id": PERSON,
        "account_id": ACCOUNT,
        "roles": frozenset({"city_operator"}),
        "capabilities": {"read": ("g:1.2.", "d:ecology")},
        "now": datetime.now(UTC),
    }
    return Signer(jwk(key)).sign(**{**values, **given})


def forged(claims: dict, header: dict, key: OKPKey = KEY) -> str:
    return jwt.encode(header, claims, key, algorithms=["Ed25519"])


def part(document: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).decode().rstrip("=")


def claims_of(token: str) -> dict:
    payload = token.split(".")[1]
    return orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_what_was_signed_is_read_back() -> None:
    token = sign()

    claims = VERIFIER.verify(token)

    assert (claims.county_id, claims.person_id, claims.account_id) == ("t1", PERSON, ACCOUNT)
    assert claims.roles == {"city_operator"}
    assert claims.capabilities == {"read": ("g:1.2.", "d:ecology")}
    context = claims.context(token, "corr-1")
    assert (context.actor_id, context.correlation_id) == (PERSON, "corr-1")
    assert token not in repr(context)


def test_a_token_names_its_session_and_says_when_a_password_is_to_be_changed() -> None:
    session_id = uuid4()

    claims = VERIFIER.verify(sign(session_id=session_id, password_change=True))

    context = claims.context("token", "corr-1")
    assert (context.account_id, context.session_id) == (ACCOUNT, session_id)
    assert context.must_change_password
    plain = VERIFIER.verify(sign()).context("token", "corr-1")
    assert (plain.session_id, plain.must_change_password) == (None, False)


def test_a_token_holds_fifteen_minutes() -> None:
    claims = claims_of(sign())

    assert claims["exp"] - claims["iat"] == 15 * 60


def test_each_token_is_another() -> None:
    now = datetime.now(UTC)

    assert sign(now=now) != sign(now=now)


def test_an_expired_token_says_so_and_a_known_one_expires_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(TokenExpired):
        VERIFIER.verify(sign(lifetime=timedelta(seconds=-1)))
    token = sign()
    VERIFIER.verify(token)

    monkeypatch.setattr("time.time", lambda: datetime.now(UTC).timestamp() + 15 * 60 + 1)

    with pytest.raises(TokenExpired):
        VERIFIER.verify(token)


def test_a_changed_claim_is_found_out() -> None:
    header, _, signature = sign().split(".")
    payload = part({**claims_of(sign()), "county": "t2"})

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(f"{header}.{payload}.{signature}")


def test_another_key_under_the_same_kid_is_found_out() -> None:
    with pytest.raises(TokenInvalid):
        VERIFIER.verify(sign(make_key("2026-11")))


def test_an_unknown_kid_is_refused_and_a_second_key_may_stand_beside_the_first() -> None:
    newer = make_key("2027-01")

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(sign(newer))
    both = Verifier(jwks(KEY, newer))
    assert both.verify(sign(newer)).county_id == both.verify(sign()).county_id == "t1"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", ""])
def test_no_algorithm_but_ours_is_accepted(algorithm: str) -> None:
    payload = part(claims_of(sign()))

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(f"{part({'alg': algorithm, 'kid': '2026-11'})}.{payload}.")


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    import hashlib
    import hmac

    signed = f"{part({'alg': 'HS256', 'kid': '2026-11'})}.{part(claims_of(sign()))}"
    secret = orjson.dumps(KEY.as_dict(private=False))
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}")


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "another"},
        {"sub": "no id"},
        {"acc": None},
        {"exp": "soon"},
        {"roles": None},
        {"caps": None},
        {"caps": []},
        {"caps": {"read": None}},
        {"county": None},
    ],
)
def test_claims_that_are_not_ours_are_refused_even_with_our_signature(change: dict) -> None:
    claims = {**claims_of(sign()), **change}

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(forged(claims, {"alg": "Ed25519", "kid": "2026-11"}))


@pytest.mark.parametrize("missing", ["iss", "sub", "acc", "county", "exp", "roles", "caps"])
def test_a_claim_that_is_missing_is_refused(missing: str) -> None:
    claims = claims_of(sign())
    del claims[missing]

    with pytest.raises(TokenInvalid):
        VERIFIER.verify(forged(claims, {"alg": "Ed25519", "kid": "2026-11"}))


@given(text=st.text(max_size=60) | st.from_regex(r"\A[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}\Z"))
def test_garbage_is_refused_and_never_breaks(text: str) -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(text)


@given(
    header=st.none()
    | st.integers(0, 9)
    | st.text(max_size=4)
    | st.lists(st.integers(0, 9), max_size=2)
)
def test_a_header_that_is_no_object_is_refused(header: object) -> None:
    with pytest.raises(TokenInvalid):
        VERIFIER.verify(f"{part(header)}.{part(claims_of(sign()))}.AAAA")


def test_a_signer_wants_a_private_key_with_a_kid() -> None:
    public = orjson.dumps(KEY.as_dict(private=False)).decode()
    nameless = orjson.dumps(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True))

    for unfit in (public, nameless.decode()):
        with pytest.raises(ValueError, match="private Ed25519"):
            Signer(unfit)


def test_the_issuer_is_in_the_token() -> None:
    claims = claims_of(sign())

    assert claims["iss"] == ISSUER
    assert UUID(claims["jti"]).version == 7
