"""A person at an outside issuer: starts it, signs in there with a browser's steps, gets an id token."""

import base64
import hmac
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.waiting import until

# What oidc_provider.py says of itself, which only its own process may import.
CLIENT_ID, OTHER_CLIENT_ID = "wangge-test", "another-app"
CLIENT_SECRET, REDIRECT_URI = "a secret of the test's own", "http://127.0.0.1:9/callback"
USERS = {"outside.one": "river stones 1", "outside.two": "river stones 2"}
STEPS = 12

Keys = list[RSAKey | ECKey | OKPKey]


def new_keys(name: str) -> Keys:
    """A key of each kind; the provider signs with the first."""
    return [
        RSAKey.generate_key(2048, {"kid": f"{name}-rsa", "use": "sig", "alg": "RS256"}),
        ECKey.generate_key("P-256", {"kid": f"{name}-ec", "use": "sig"}),
        OKPKey.generate_key("Ed25519", {"kid": f"{name}-ed", "use": "sig"}),
    ]


@dataclass
class Provider:
    """A running provider, and the keys that it signs with."""

    address: str
    keys: Keys
    trust: Any = True
    """Whose certificates a browser believes, where it speaks TLS."""

    def id_token(self, user: str, nonce: str = "", client_id: str = CLIENT_ID) -> str:
        """Sign in as a browser would: authorize, log in, consent, and trade the code."""
        with httpx.Client(base_url=self.address, verify=self.trust, trust_env=False) as browser:
            asked = {
                "response_type": "code",
                "client_id": client_id,
                "scope": "openid",
                "redirect_uri": REDIRECT_URI,
                "state": uuid4().hex,
                **({"nonce": nonce} if nonce else {}),
            }
            answer = browser.get("/oauth/authorize", params=asked)
            for _ in range(STEPS):
                there = answer.headers.get("location")
                if there and there.startswith(REDIRECT_URI):
                    return self._traded(browser, parse_qs(urlsplit(there).query), asked)
                answer = browser.get(there) if there else _submitted(browser, answer, user)
        raise AssertionError(f"no code after {STEPS} steps, but {answer.text[:500]}")

    def forged(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """A token signed with one of the provider's keys, or another, that says what the test says."""
        now = int(datetime.now(UTC).timestamp())
        said = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": "outside.one",
            "iat": now,
            "exp": now + 600,
            "jti": uuid4().hex,
            **claims,
        }
        key = key or self.keys[0]
        header = {"alg": "RS256", "kid": key.kid, **(header or {})}
        left = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(header, left, key, algorithms=[header["alg"]])

    def _traded(self, browser: httpx.Client, found: dict[str, list[str]], asked: Any) -> str:
        assert found["state"] == [asked["state"]]
        answer = browser.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": found["code"][0],
                "redirect_uri": REDIRECT_URI,
            },
            auth=(asked["client_id"], CLIENT_SECRET),
        )
        answer.raise_for_status()
        return str(answer.json()["id_token"])


def _submitted(browser: httpx.Client, page: httpx.Response, user: str) -> httpx.Response:
    """The page's form, filled in and sent."""
    tags = re.findall(r"<(?:input|button)[^>]*>", page.text)
    names = {match[1] for tag in tags if (match := re.search(r'name="(\w+)"', tag))}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    filled = {"csrf_token": token[1] if token else ""}
    if "login" in names:
        filled["login"] = user
    elif "password" in names:
        filled["password"] = USERS[user]
    else:
        filled["answer"] = "accept"
    return browser.post(str(page.url), data=filled, headers={"Referer": str(page.url)})


def free_port() -> int:
    """A port on this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Authority:
    """A certificate authority of a county's own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        made = self._certificate(self._name, self._key, x509.BasicConstraints(True, 0))
        self.pem = made.public_bytes(serialization.Encoding.PEM).decode()

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.pem)

    def certified(self, folder: Path) -> str:
        """A file with a certificate for this machine, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        here = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
        address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        certificate = self._certificate(here, key, address)
        file = folder / "certificate.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(file)

    def _certificate(self, subject: x509.Name, key: Any, extension: Any) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


@dataclass
class Place:
    """Where a provider listens, with the folder that its keys and log are in."""

    folder: Path
    port: int = field(default_factory=free_port)

    @contextmanager
    def running(self, keys: Keys, authority: Authority | None = None) -> Iterator[Provider]:
        """A provider as a process, for the length of the block; over TLS with an authority."""
        key_file = self.folder / f"{uuid4().hex}.json"
        key_file.write_bytes(orjson.dumps([key.as_dict(private=True) for key in keys]))
        tls = [authority.certified(self.folder)] if authority else []
        module = "tests.integration.personnel.identity.oidc_provider"
        with (self.folder / "provider.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", module, str(self.port), str(key_file), *tls],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[4],
            )
        scheme, trust = ("https", authority.trust()) if authority else ("http", True)
        provider = Provider(f"{scheme}://127.0.0.1:{self.port}", keys, trust)
        try:
            self._await(process, provider)
            yield provider
        finally:
            process.terminate()
            process.wait(10)

    def _await(self, process: subprocess.Popen[bytes], provider: Provider) -> None:
        def answers() -> bool:
            if process.poll() is not None:
                pytest.fail((self.folder / "provider.log").read_text("utf-8")[-3000:])
            with suppress(httpx.HTTPError):
                httpx.get(
                    f"{provider.address}/.well-known/openid-configuration",
                    verify=provider.trust,
                    trust_env=False,
                ).raise_for_status()
                return True
            return False

        until(answers, "the provider's first answer")


def mixed_up(token: str, key: Any) -> str:
    """The token under HS256 with the public key as the secret, which a careless reader would take."""
    header = {"alg": "HS256", "kid": key.kid}
    signed = f"{_encoded(orjson.dumps(header))}.{token.split('.')[1]}"
    code = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_encoded(code)}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
