"""The outside OpenID Connect issuer: where its keys are read, and its tokens verified."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from services.personnel.identity.domain import Expected, IdToken, IdTokenRefused, read
from shared.config import ConfigError, Env
from shared.errors import DomainError, Text

log = logging.getLogger(__name__)

PublicKey = RSAKey | ECKey | OKPKey
KEY_KINDS: Mapping[str, type[PublicKey]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
    "ES384": ECKey,
    "EdDSA": OKPKey,
    "Ed25519": OKPKey,
}
"""The algorithms that are taken, and the kind of key of each; never `none` or one of a shared secret."""

UNSIGNING_CURVES = ("X25519", "X448")
DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = httpx.Timeout(2.0)
LONGEST_ANSWER = 1_000_000
LONGEST_TOKEN = 16_000
LEAST_RSA_BITS = 2048
KEYS_KEPT_SECONDS = 300.0
REFRESH_SECONDS = 30.0
"""How often, at most, keys are read anew because a token names one that is not known."""

RETRY_SECONDS = 5
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class IssuerUnavailable(DomainError):
    """The issuer's keys cannot be read, so its tokens cannot be verified."""

    status = "UNAVAILABLE"
    reason = "ISSUER_UNAVAILABLE"
    title = Text("The issuer cannot be reached", "身份提供方暂不可用")
    detail = Text(
        "The outside issuer did not answer. Try again in {retry_after} seconds, or sign in with "
        "your password.",
        "外部身份提供方没有应答,请在 {retry_after} 秒后重试,或使用密码登录。",
    )


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The issuer that is trusted, this platform's client id there, and the authority of its certificate."""

    issuer: str
    client_id: str
    ca: str | None

    @classmethod
    def read(cls, env: Env) -> "OidcSettings | None":
        """Read ``OIDC_ISSUER``, ``OIDC_CLIENT_ID`` and ``OIDC_CA``; None where no issuer is set.

        Raises ConfigError where they cannot be used.
        """
        issuer, client_id = env.optional("OIDC_ISSUER"), env.optional("OIDC_CLIENT_ID")
        ca = env.optional("OIDC_CA")
        if issuer is None and client_id is None:
            return None
        if issuer is None or client_id is None:
            raise ConfigError("cannot start: set both OIDC_ISSUER and OIDC_CLIENT_ID, or neither")
        if not _is_safe(issuer):
            raise ConfigError("cannot start: OIDC_ISSUER must be an https address")
        return cls(issuer, client_id, ca)

    def trust(self) -> ssl.SSLContext:
        """The authority whose certificates are trusted.

        Raises ConfigError where the authority is none.
        """
        try:
            return ssl.create_default_context(cadata=self.ca)
        except ssl.SSLError as error:
            raise ConfigError("cannot start: OIDC_CA holds no certificates in PEM") from error


class OidcIssuer:
    """Verifies id tokens with the issuer's keys, which it reads when it needs them."""

    def __init__(
        self,
        settings: OidcSettings,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """``elapsed`` is a monotonic clock in seconds. Raises ConfigError."""
        self._settings = settings
        self._clock = clock
        self._elapsed = elapsed
        self._http = httpx.Client(verify=settings.trust(), timeout=TIMEOUT, trust_env=False)
        self._lock = threading.Lock()
        self._keys: dict[str | None, PublicKey] = {}
        self._read_at: float | None = None
        self._failed_at: float | None = None

    @property
    def name(self) -> str:
        """The issuer as tokens name it."""
        return self._settings.issuer

    def verify(self, id_token: str, nonce: str | None) -> IdToken:
        """The token, when it is the issuer's and meant for this platform.

        Raises IdTokenRefused, IssuerUnavailable.
        """
        expected = Expected(self._settings.issuer, self._settings.client_id, nonce)
        try:
            claims = self._verified_claims(id_token)
            return read(id_token.rpartition(".")[0], claims, expected, self._clock())
        except IdTokenRefused as error:
            log.info("id token refused: %s", error.__cause__)
            raise

    def _verified_claims(self, id_token: str) -> dict[str, Any]:
        try:
            algorithm, kid = _named_in(id_token)
        except (JoseError, ValueError) as error:
            raise IdTokenRefused from error
        key = self._key(kid)
        try:
            return _signed_by(key, algorithm, id_token)
        except (JoseError, ValueError, TypeError) as error:
            raise IdTokenRefused from error

    def _key(self, kid: str | None) -> PublicKey | None:
        """The key of this id; without an id the only one there is."""
        with self._lock:
            if self._is_due(kid):
                self._refresh()
            if kid is None:
                return next(iter(self._keys.values())) if len(self._keys) == 1 else None
            return self._keys.get(kid)

    def _is_due(self, kid: str | None) -> bool:
        if self._read_at is None:
            return True
        age = self._elapsed() - self._read_at
        unknown = kid is not None and kid not in self._keys
        return age >= (REFRESH_SECONDS if unknown else KEYS_KEPT_SECONDS)

    def _refresh(self) -> None:
        """Read the keys anew. Where that failed a moment ago it is not tried again at once."""
        now = self._elapsed()
        if self._failed_at is not None and now - self._failed_at < RETRY_SECONDS:
            raise IssuerUnavailable(retry_after=RETRY_SECONDS)
        try:
            self._keys = self._read_keys()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            self._failed_at = self._elapsed()
            log.warning("the issuer's keys cannot be read: %s", error)
            raise IssuerUnavailable(retry_after=RETRY_SECONDS) from error
        self._read_at, self._failed_at = self._elapsed(), None

    def _read_keys(self) -> dict[str | None, PublicKey]:
        issuer = self._settings.issuer
        document = self._get(issuer.rstrip("/") + DISCOVERY)
        if document["issuer"] != issuer:
            raise ValueError("the discovery document is another issuer's")
        if not _is_safe(document["jwks_uri"]):
            raise ValueError("the keys are not at an https address")
        found = [_usable(each) for each in self._get(document["jwks_uri"])["keys"]]
        return {key.kid: key for key in found if key is not None}

    def _get(self, url: str) -> Any:
        with self._http.stream("GET", url) as response:
            response.raise_for_status()
            if response.is_redirect:
                raise ValueError("the issuer answers with another address")
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise ValueError("the issuer's answer is too long")
        return httpx.Response(200, content=body).json()


def _is_safe(url: Any) -> bool:
    """Whether what is read there cannot be changed on the way: by https, or on this machine."""
    parts = urlsplit(str(url))
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def _usable(document: Mapping[str, Any]) -> PublicKey | None:
    """A public key that signs, or None: shared secrets, short keys and unknown kinds are left out."""
    if document.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(dict(document))
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(key, PublicKey) or document.get("crv") in UNSIGNING_CURVES:
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
        return None
    return key


def _named_in(id_token: str) -> tuple[str, str | None]:
    """Algorithm and key id of the token's header. Raises JoseError or ValueError."""
    if len(id_token) > LONGEST_TOKEN:
        raise ValueError("the token is too long")
    header = jws.extract_compact(id_token.encode()).protected
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in KEY_KINDS:
        raise ValueError("its algorithm is not one that is taken")
    if not isinstance(kid, str | None):
        raise ValueError("its key id is no text")  # noqa: TRY004 - the token is at fault
    return algorithm, kid


def _signed_by(key: PublicKey | None, algorithm: str, id_token: str) -> dict[str, Any]:
    """The token's claims. Raises JoseError, ValueError or TypeError unless the key has signed them."""
    if not isinstance(key, KEY_KINDS[algorithm]) or key.alg not in (None, algorithm):
        raise ValueError("no key of the issuer fits the token")
    return jwt.decode(id_token, key, algorithms=[algorithm]).claims
