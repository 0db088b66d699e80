"""The gateway as a WSGI application."""

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import falcon
import grpc
from falcon._typing import StartResponse
from falcon.routing import BaseConverter

from gateway import pages, problem
from gateway.access_log import AccessLog
from gateway.config import Config
from gateway.endpoint import Endpoint, Parts, matches
from gateway.exchange import Exchange
from gateway.health import PlatformHealth
from gateway.kept import Answer, PublicAnswers
from gateway.openapi import describe
from gateway.rates import Rates, TooManyRequests
from gateway.recording import Middleware, Recorder, answer_headers
from gateway.routes import SECTIONS
from gateway.routing import PLAIN_NAMES
from gateway.tables.headings import Headings
from shared import logging as json_log
from shared.rpc.client import channel
from shared.rpc.forms import COUNTY_ID, canonical_id
from shared.tokens import Verifier

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
STATUS_LINES = {
    status: f"{status.value} {status.phrase}" for status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
}


class _CountyConverter(BaseConverter):
    def convert(self, value: str) -> str | None:
        return value if COUNTY_ID.fullmatch(value) else None


class _IdConverter(BaseConverter):
    def convert(self, value: str) -> str | None:
        return canonical_id(value)


class _NameConverter(BaseConverter):
    def convert(self, value: str) -> str | None:
        return value if NAME.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Answers public reads that are still good from memory, everything else by its route."""

    falcon_app: falcon.App[falcon.Request, falcon.Response]
    kept: PublicAnswers
    rates: Rates
    recorder: Recorder
    proxies: int

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        if environ["PATH_INFO"].startswith("/public/") and environ["REQUEST_METHOD"] == "GET":
            answer = self.kept.find(environ)
            if answer and (body := self._replay(answer, environ, start_response)) is not None:
                return body
        return self.falcon_app(environ, start_response)

    def _replay(
        self, answer: Answer, environ: dict[str, Any], start_response: StartResponse
    ) -> list[bytes] | None:
        """The kept answer; None to one who has asked too often, whom the route will refuse."""
        exchange = Exchange(environ, self.proxies)
        try:
            self.rates.public(exchange.address)
        except TooManyRequests:
            return None
        exchange.route = answer.route
        fresh = matches(environ.get("HTTP_IF_NONE_MATCH"), answer.etag)
        status = HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus.OK
        start_response(STATUS_LINES[status], [*answer.headers, *answer_headers(exchange)])
        self.recorder.record(exchange, status.value)
        return [] if fresh else [answer.body]


def create_app(
    channels: Mapping[str, grpc.Channel],
    jwks: str,
    rates: Rates,
    *,
    public_max_age: int = 5,
    proxies: int = 0,
    access_log: AccessLog | None = None,
) -> Gateway:
    """The application over channels to the seven services."""
    kept = PublicAnswers(public_max_age)
    parts = Parts(channels, Verifier(jwks), rates, kept, public_max_age)
    recorder = Recorder(access_log)
    app = falcon.App(middleware=[Middleware(proxies, recorder)])
    app.req_options.auto_parse_form_urlencoded = False
    app.resp_options.default_media_type = "application/json"
    for name, converter in _CONVERTERS.items():
        app.router_options.converters[name] = converter
    problem.install(app)
    endpoints: dict[str, list[Endpoint]] = {}
    for section in SECTIONS:
        headings = Headings(section.all_headings)
        for route in section.routes:
            endpoints.setdefault(route.path, []).append(Endpoint(route, parts, headings))
    for path, found in endpoints.items():
        app.add_route(address(path), Resource(found))
    pages.install(app, jwks, describe(SECTIONS), PlatformHealth(channels), _etag)
    return Gateway(app, kept, rates, recorder, proxies)


class Resource:
    """The routes of one address, as Falcon wants them: one attribute a method."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        for endpoint in endpoints:
            setattr(self, f"on_{endpoint.route.method.lower()}", endpoint)
            if endpoint.route.method == "GET":
                self.on_head = endpoint


def app_from_env() -> Gateway:
    """The application as the environment describes it; called once a worker."""
    config = Config.from_env(os.environ)
    json_log.configure("gateway", config.log_level)
    channels = {name: channel(at, config.tls) for name, at in config.addresses.items()}
    return create_app(
        channels,
        config.jwks,
        Rates(config.rates, config.rate_storage),
        public_max_age=config.public_max_age,
        proxies=config.proxies,
        access_log=AccessLog() if logging.getLogger().isEnabledFor(logging.INFO) else None,
    )


_CONVERTERS: dict[str, Any] = {
    "county": _CountyConverter,
    "id": _IdConverter,
    "name": _NameConverter,
}


def address(path: str) -> str:
    """The table's path as Falcon's template, with a converter for each field."""

    def typed(match: re.Match[str]) -> str:
        field = match[1]
        kind = "county" if field == "county" else "name" if field in PLAIN_NAMES else "id"
        return f"{{{field}:{kind}}}"

    return re.sub(r"{(\w+)}", typed, path)


def _etag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
