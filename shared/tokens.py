"""Access tokens: personnel signs them, and every process that receives one verifies it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.context import RequestContext
from shared.errors import Text, Unauthenticated
from shared.ids import new_id

ISSUER = "wangge"
ALGORITHM = "Ed25519"
LIFETIME = timedelta(minutes=15)
CACHED_TOKENS = 10_000


class TokenInvalid(Unauthenticated):
    """The token is not one of ours, or was changed."""

    reason = "TOKEN_INVALID"
    title = Text("The access token is not valid", "访问令牌无效")
    detail = Text("Sign in again and send the new token.", "请重新登录并使用新的令牌。")


class TokenExpired(Unauthenticated):
    """The token's time is over."""

    reason = "TOKEN_EXPIRED"
    title = Text("The access token has expired", "访问令牌已过期")
    detail = Text("Renew it with the refresh token.", "请使用刷新令牌换取新的访问令牌。")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of its holder. Times are seconds since 1970.

    With ``password_change`` it allows nothing but choosing another password.
    """

    county_id: str
    person_id: UUID
    account_id: UUID
    roles: frozenset[str]
    capabilities: Mapping[str, tuple[str, ...]]
    expires_at: int
    session_id: UUID | None = None
    password_change: bool = False

    def context(
        self, token: str, correlation_id: str, traceparent: str | None = None
    ) -> RequestContext:
        """The context of a request that carries this token."""
        return RequestContext(
            county_id=self.county_id,
            correlation_id=correlation_id,
            actor_id=self.person_id,
            roles=self.roles,
            capabilities=self.capabilities,
            traceparent=traceparent,
            token=token,
            account_id=self.account_id,
            session_id=self.session_id,
            must_change_password=self.password_change,
        )


class Signer:
    """Signs access tokens with a private Ed25519 key, given as a JSON Web Key."""

    def __init__(self, jwk: str) -> None:
        """Raises ValueError where the key is not a private Ed25519 JSON Web Key with a ``kid``."""
        self._key = OKPKey.import_key(orjson.loads(jwk))
        if not self._key.is_private or not self._key.kid:
            raise ValueError("the signing key must be a private Ed25519 JSON Web Key with a kid")

    def sign(
        self,
        *,
        county_id: str,
        person_id: UUID,
        account_id: UUID,
        roles: frozenset[str],
        capabilities: Mapping[str, tuple[str, ...]],
        now: datetime,
        lifetime: timedelta = LIFETIME,
        session_id: UUID | None = None,
        password_change: bool = False,
    ) -> str:
        """A token that holds from ``now`` for ``lifetime``."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": str(person_id),
            "acc": str(account_id),
            "county": county_id,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": str(new_id()),
            "roles": sorted(roles),
            "caps": {name: list(scopes) for name, scopes in capabilities.items()},
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        if password_change:
            claims["password_change"] = True
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


class Verifier:
    """Verifies tokens against a JSON Web Key Set, and keeps the claims of the latest valid ones."""

    def __init__(self, jwks: str) -> None:
        """Raises ValueError where the text is no key set."""
        self._keys = KeySet.import_key_set(orjson.loads(jwks))
        self._known: OrderedDict[str, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str) -> Claims:
        """The token's claims. Raises TokenInvalid or TokenExpired."""
        with self._lock:
            claims = self._known.get(token)
        if claims is None:
            claims = self._decode(token)
            self._remember(token, claims)
        if claims.expires_at <= time.time():
            raise TokenExpired
        return claims

    def _decode(self, token: str) -> Claims:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM]).claims
            return _claims(decoded)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenInvalid from error

    def _remember(self, token: str, claims: Claims) -> None:
        with self._lock:
            self._known[token] = claims
            if len(self._known) > CACHED_TOKENS:
                self._known.popitem(last=False)


def _claims(decoded: dict[str, Any]) -> Claims:
    if decoded["iss"] != ISSUER:
        raise ValueError("another issuer")
    if not isinstance(decoded["county"], str):
        raise TypeError("the county is no text")
    return Claims(
        county_id=decoded["county"],
        person_id=UUID(decoded["sub"]),
        account_id=UUID(decoded["acc"]),
        roles=frozenset(decoded["roles"]),
        capabilities={name: tuple(scopes) for name, scopes in decoded["caps"].items()},
        expires_at=int(decoded["exp"]),
        session_id=UUID(decoded["sid"]) if "sid" in decoded else None,
        password_change=bool(decoded.get("password_change", False)),
    )
