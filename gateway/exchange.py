"""One request with its ids, language, caller and route."""

import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

import falcon.asgi

CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
NO_ROUTE = "(none)"
PATH_CHARACTERS = "/:@!$&'()*+,;="
"""Characters that a path holds unescaped besides letters, digits and ``-._~`` (RFC 3986)."""
HERE = "wangge.exchange"
"""The member of an ASGI scope that holds its exchange."""

Scope = dict[str, Any]
Headers = Iterable[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


async def nothing_more() -> Mapping[str, Any]:
    """Receive the end of a body."""
    return {"type": "http.request", "body": b"", "more_body": False}


class Exchange:
    """One request."""

    __slots__ = (
        "_headers",
        "actor_id",
        "address",
        "correlation_id",
        "county_id",
        "has_unread_body",
        "language",
        "method",
        "receive",
        "route",
        "scope",
        "started",
        "started_at",
    )

    def __init__(self, scope: Scope, receive: Receive = nothing_more, proxies: int = 0) -> None:
        """``proxies`` is the number of trusted proxies, each of which adds its client's address."""
        self.started = time.perf_counter()
        self.started_at = time.time()
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self._headers = headers = dict(scope["headers"])
        self.has_unread_body = b"transfer-encoding" in headers or (
            headers.get(b"content-length", b"0") != b"0"
        )
        self.correlation_id = correlation_id_of(self.header(b"x-correlation-id"))
        self.language = language_of(self.header(b"accept-language"))
        self.address = address_of(scope, proxies)
        self.route = NO_ROUTE
        self.county_id: str | None = None
        self.actor_id: UUID | None = None

    def header(self, name: bytes) -> str:
        """A header by its lower-case name, empty where the request has none."""
        return str(self._headers.get(name, b""), "latin-1")

    @property
    def file_language(self) -> str:
        """The language of a file's headings: Chinese, unless English is asked for."""
        return self.language if self.header(b"accept-language") else "zh"

    @property
    def path(self) -> str:
        """The path asked for, as the URI reference it came as (ASGI hands it over decoded)."""
        return quote(self.scope["path"], safe=PATH_CHARACTERS)

    @property
    def if_match(self) -> str | None:
        """The If-Match header, if any."""
        return self.header(b"if-match") or None

    def metadata(self, token: str | None) -> list[tuple[str, str]]:
        """The metadata of a call to a service."""
        entries = [("x-correlation-id", self.correlation_id)]
        if token:
            entries.append(("authorization", f"Bearer {token}"))
        trace = self.header(b"traceparent")
        if trace and TRACEPARENT.fullmatch(trace):
            entries.append(("traceparent", trace))
        return entries

    def labels(self) -> dict[str, object]:
        """What a log record says of the request."""
        return {
            "correlation_id": self.correlation_id,
            "county_id": self.county_id,
            "actor_id": self.actor_id,
            "method": f"{self.method} {self.route}",
        }


def exchange_of(req: falcon.asgi.Request) -> Exchange:
    """The exchange of a Falcon request."""
    exchange: Exchange = req.scope[HERE]
    return exchange


def correlation_id_of(given: str) -> str:
    """The id given, if its form is valid; a new one otherwise."""
    return given if CORRELATION_ID.fullmatch(given) else fresh_id()


def fresh_id() -> str:
    """A random id of 128 bits in hex."""
    return os.urandom(16).hex()


@lru_cache(maxsize=1024)
def language_of(accept_language: str) -> str:
    """``zh`` where Chinese is asked for more than English, else ``en``."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _quality(parameter))
    return "zh" if weights["zh"] > weights["en"] else "en"


def _quality(parameter: str) -> float:
    match = re.fullmatch(r"\s*q=(\d(?:\.\d{0,3})?)\s*", parameter)
    return float(match[1]) if match else 1.0


def address_of(scope: Scope, proxies: int) -> str:
    """The client's address: the peer's, or the one that the outermost trusted proxy saw."""
    if proxies:
        given = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        heard = b",".join(given).decode("latin-1").split(",")
        if len(heard) >= proxies and (address := heard[-proxies].strip()):
            return address
    peer = scope.get("client")
    return str(peer[0]) if peer else ""
