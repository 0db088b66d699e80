"""Signing in with an outside issuer: what its token must say, and which account it opens."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.personnel.accounts.domain.accounts import Identity
from shared.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Text,
    Unauthenticated,
    Violation,
)

SKEW = timedelta(seconds=60)
"""How far the issuer's clock may be from ours."""

FRESH = timedelta(minutes=5)
"""How old a token may be with which somebody links an identity to their own account."""

LONGEST_SUBJECT = 255
SUBJECT_OR_TOKEN = Text(
    "Give either a subject or an id token.", "请填写外部身份标识或身份令牌其中一项。"
)
BAD_SUBJECT = Text(
    "A subject has 1 to 255 characters, as the issuer gives it.",
    "外部身份标识须为 1 至 255 个字符,以身份提供方给出的为准。",
)


class OutsideSignInOff(NotFound):
    """No outside issuer is trusted here."""

    reason = "OUTSIDE_SIGN_IN_OFF"
    title = Text("Outside sign-in is off", "未启用外部登录")
    detail = Text(
        "No outside issuer is set up here; sign in with username and password.",
        "本平台未配置外部身份提供方,请使用用户名和密码登录。",
    )


class IdTokenRefused(Unauthenticated):
    """The token is not the issuer's, not meant for this platform, expired, or was used before."""

    reason = "ID_TOKEN_REFUSED"
    title = Text("The id token cannot be used", "身份令牌无效")
    detail = Text(
        "It is not one of the issuer's for this platform, is over, or was used before. "
        "Sign in with the issuer again.",
        "该令牌并非身份提供方为本平台签发,或已过期、已被使用,请重新在身份提供方登录。",
    )


class IdentityNotLinked(PermissionDenied):
    """The issuer knows the person, but no account here does."""

    reason = "IDENTITY_NOT_LINKED"
    title = Text("No account is linked", "尚未关联账号")
    detail = Text(
        "No account of this county is linked with this identity; ask your administrator, or sign "
        "in with your password and link it.",
        "该外部身份未关联本县账号,请联系管理员,或使用密码登录后自行关联。",
    )


class IdentityLinkedAlready(AlreadyExists):
    """The identity opens another account, or the account has another identity of the issuer."""

    reason = "IDENTITY_LINKED_ALREADY"
    title = Text("Linked already", "已有关联")
    detail = Text(
        "The identity or the account is linked already; unlink it first.",
        "该外部身份或该账号已有关联,请先解除。",
    )


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token whose signature was verified, with the claims that matter."""

    identity: Identity
    issued_at: datetime
    expires_at: datetime
    use: bytes
    """The same for every copy of the token, and for no other."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say of itself; ``nonce`` only where the client has sent one."""

    issuer: str
    client_id: str
    nonce: str | None = None


def read(signed: str, claims: Mapping[str, Any], expected: Expected, now: datetime) -> IdToken:
    """The token of verified ``claims``, by OpenID Connect Core 3.1.3.7.

    ``signed`` is what the signature covers. Raises IdTokenRefused, caused by a ValueError that
    says which claim is wrong.
    """
    try:
        return _read(signed, claims, expected, now)
    except ValueError as error:
        raise IdTokenRefused from error


def is_fresh(token: IdToken, now: datetime) -> bool:
    """Whether the token was issued just now."""
    return now - token.issued_at <= FRESH


def identity_of(issuer: str, subject: str) -> Identity:
    """The identity of an issuer and a subject. Raises InvalidArgument."""
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidArgument([Violation("/subject", BAD_SUBJECT)])
    return Identity(issuer, subject)


def _read(signed: str, claims: Mapping[str, Any], expected: Expected, now: datetime) -> IdToken:
    _require(claims.get("iss") == expected.issuer, "iss")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    _require(expected.client_id in audiences, "aud")
    party = claims.get("azp")
    _require(party == expected.client_id or (party is None and len(audiences) == 1), "azp")
    expires_at, issued_at = _moment(claims, "exp"), _moment(claims, "iat")
    _require(now < expires_at + SKEW, "exp")
    _require(issued_at <= now + SKEW and issued_at <= expires_at, "iat")
    if "nbf" in claims:
        _require(_moment(claims, "nbf") <= now + SKEW, "nbf")
    if expected.nonce is not None:
        _require(claims.get("nonce") == expected.nonce, "nonce")
    subject = claims.get("sub")
    _require(isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT, "sub")
    return IdToken(
        Identity(expected.issuer, str(subject)), issued_at, expires_at, _use(signed, claims)
    )


def _require(condition: object, claim: str) -> None:
    if not condition:
        raise ValueError(f"{claim} is not what it must be")


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    _require(isinstance(value, int | float) and not isinstance(value, bool), name)
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{name} is no moment") from error


def _use(signed: str, claims: Mapping[str, Any]) -> bytes:
    """The key by which a used token is recognised: its own id, or what was signed.

    A signature can be written in several ways.
    """
    own_id = claims.get("jti")
    named = f"jti\n{claims['iss']}\n{own_id}" if isinstance(own_id, str) and own_id else signed
    return hashlib.sha256(named.encode()).digest()
