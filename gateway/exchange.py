"""One request and what is known of it on its way: ids, language, caller, route."""

import os
import re
import time
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

import falcon

CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,127}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
NO_ROUTE = "(none)"
PATH_CHARACTERS = "/:@!$&'()*+,;="
"""What a path holds unescaped beside letters, digits and ``-._~`` (RFC 3986)."""


class Exchange:
    """A request at hand."""

    __slots__ = (
        "actor_id",
        "address",
        "correlation_id",
        "county_id",
        "environ",
        "language",
        "route",
        "started",
        "started_at",
    )

    def __init__(self, environ: dict[str, Any], proxies: int = 0) -> None:
        """``proxies`` is how many trusted proxies stand before us, each naming whom it heard."""
        self.started = time.perf_counter()
        self.started_at = time.time()
        self.environ = environ
        self.correlation_id = correlation_id_of(environ.get("HTTP_X_CORRELATION_ID", ""))
        self.language = language_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        self.address = address_of(environ, proxies)
        self.route = NO_ROUTE
        self.county_id: str | None = None
        self.actor_id: UUID | None = None

    @property
    def file_language(self) -> str:
        """The language of a file's headings: Chinese, unless English is asked for."""
        return self.language if self.environ.get("HTTP_ACCEPT_LANGUAGE") else "zh"

    @property
    def path(self) -> str:
        """The path asked for, as the URI reference it came as (WSGI hands it over decoded)."""
        return quote(self.environ["PATH_INFO"].encode("latin-1"), safe=PATH_CHARACTERS)

    @property
    def if_match(self) -> str | None:
        """The If-Match header, if any."""
        return self.environ.get("HTTP_IF_MATCH")

    def metadata(self, token: str | None) -> list[tuple[str, str]]:
        """What goes along with a call to a service."""
        entries = [("x-correlation-id", self.correlation_id)]
        if token:
            entries.append(("authorization", f"Bearer {token}"))
        trace = self.environ.get("HTTP_TRACEPARENT")
        if trace and TRACEPARENT.fullmatch(trace):
            entries.append(("traceparent", trace))
        return entries

    def labels(self) -> dict[str, object]:
        """What a log record says of the request."""
        return {
            "correlation_id": self.correlation_id,
            "county_id": self.county_id,
            "actor_id": self.actor_id,
            "method": f"{self.environ['REQUEST_METHOD']} {self.route}",
        }


def exchange_of(req: falcon.Request) -> Exchange:
    """The exchange of a Falcon request."""
    exchange: Exchange = req.context.exchange
    return exchange


def correlation_id_of(given: str) -> str:
    """The id given, if it is sane; a new one otherwise."""
    return given if CORRELATION_ID.fullmatch(given) else fresh_id()


def fresh_id() -> str:
    """An id that nothing else has: 128 random bits in hex."""
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


def address_of(environ: dict[str, Any], proxies: int) -> str:
    """The client's address: the peer's, or what the outermost trusted proxy heard."""
    if proxies:
        heard = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(heard) >= proxies and (address := heard[-proxies].strip()):
            return str(address)
    return str(environ.get("REMOTE_ADDR", ""))
