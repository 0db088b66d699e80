"""The gateway as an ASGI application."""

import gc
import hashlib
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import falcon.asgi
import grpc
from falcon.routing import BaseConverter

from gateway import pages, problem
from gateway.access_log import AccessLog
from gateway.bodies import Bodies
from gateway.calls import CALLS_AT_ONCE, services_of
from gateway.closing import Closing
from gateway.config import Config
from gateway.endpoint import Endpoint, Parts, matches
from gateway.exchange import HERE, Exchange, Receive, Scope, nothing_more
from gateway.health import PlatformHealth
from gateway.kept import Answer, PublicAnswers
from gateway.lifeline import end_with_parent
from gateway.openapi import describe
from gateway.rates import Rates, TooManyRequests
from gateway.recording import Middleware, Recorder, encoded_answer_headers
from gateway.routes import SECTIONS
from gateway.routing import Route
from gateway.tables.headings import Headings
from shared import logging as json_log
from shared.rpc.client import aio_channel
from shared.rpc.forms import COUNTY_ID, canonical_id
from shared.tokens import Verifier

Send = Callable[[dict[str, Any]], Awaitable[None]]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


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
    """Answers public reads from memory while a kept answer is fresh, and all else by its route."""

    falcon_app: falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]
    kept: PublicAnswers
    rates: Rates
    recorder: Recorder
    proxies: int
    closing: Closing = field(default_factory=Closing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI request."""
        exchange = Exchange(scope, receive, self.proxies)
        if scope["path"].startswith("/public/") and exchange.method == "GET":
            answer = self.kept.find(scope)
            if answer and await self._replay(answer, exchange, send):
                return
        scope[HERE] = exchange
        # The body is received where a route wants it, within a time; Falcon need not wait for it.
        await self.falcon_app(scope, nothing_more, send)
        if exchange.has_unread_body and (client := scope.get("client")):
            self.closing.end((client[0], int(client[1])))  # Granian names the port as text

    async def _replay(self, answer: Answer, exchange: Exchange, send: Send) -> bool:
        """Send the kept answer; False where the client is over its rate limit, which the route reports."""
        try:
            await self.rates.count(self.rates.public, exchange.address)
        except TooManyRequests:
            return False
        exchange.route = answer.route
        fresh = matches(exchange.header(b"if-none-match"), answer.etag)
        status = HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus.OK
        headers = [*answer.headers, *encoded_answer_headers(exchange)]
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if fresh else answer.body})
        self.recorder.record(exchange, status.value)
        return True


def create_app(
    channels: Mapping[str, grpc.aio.Channel],
    jwks: str,
    rates: Rates,
    *,
    bodies: Bodies | None = None,
    calls_per_service: int = CALLS_AT_ONCE,
    public_max_age: int = 5,
    proxies: int = 0,
    access_log: AccessLog | None = None,
) -> Gateway:
    """The application over channels to the seven services."""
    kept = PublicAnswers(public_max_age)
    services = services_of(channels, calls_per_service)
    parts = Parts(services, Verifier(jwks), rates, kept, bodies or Bodies(), public_max_age)
    recorder = Recorder(access_log)
    app = falcon.asgi.App(middleware=[Middleware(recorder)])
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
    for found in endpoints.values():
        app.add_route(address(found[0].route), Resource(found))
    pages.install(app, jwks, describe(SECTIONS), PlatformHealth(channels), _etag)
    return Gateway(app, kept, rates, recorder, proxies)


class Resource:
    """The routes of one address, in the form of Falcon: one attribute for each method."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        for endpoint in endpoints:
            setattr(self, f"on_{endpoint.route.method.lower()}", endpoint.answer)
            if endpoint.route.method == "GET":
                self.on_head = endpoint.answer


def app_from_env() -> Gateway:
    """The application as the environment describes it; each worker calls this once."""
    end_with_parent()
    config = Config.from_env(os.environ)
    json_log.configure("gateway", config.log_level)
    channels = {name: aio_channel(at, config.tls) for name, at in config.addresses.items()}
    app = create_app(
        channels,
        config.jwks,
        Rates(config.rates, config.rate_storage),
        bodies=Bodies(config.body_seconds, per_address=config.bodies_per_address),
        calls_per_service=config.calls_per_service,
        public_max_age=config.public_max_age,
        proxies=config.proxies,
        access_log=AccessLog() if logging.getLogger().isEnabledFor(logging.INFO) else None,
    )
    _freeze()
    return app


def _freeze() -> None:
    """Leave all that was made at the start out of later collections, each of which stops the loop."""
    gc.collect()
    gc.freeze()


_CONVERTERS: dict[str, Any] = {
    "county": _CountyConverter,
    "id": _IdConverter,
    "name": _NameConverter,
}


def address(route: Route) -> str:
    """The route's path as Falcon's template, with a converter for each field."""

    def typed(match: re.Match[str]) -> str:
        field = match[1]
        kind = "county" if field == "county" else "id" if route.is_id(field) else "name"
        return f"{{{field}:{kind}}}"

    return re.sub(r"{(\w+)}", typed, route.path)


def _etag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
