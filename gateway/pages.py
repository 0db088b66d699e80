"""The pages that the gateway answers itself: its keys, its health, its documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import falcon
import falcon.asgi
import orjson

from gateway.docs import CONTENT_SECURITY_POLICY, page
from gateway.endpoint import matches, not_modified
from gateway.health import PlatformHealth
from gateway.pages_table import DOCS, HEALTH, HEALTHZ, HTML, JSON, JWKS, OPENAPI
from gateway.views import to_json


@dataclass(frozen=True, slots=True)
class Constant:
    """A page whose bytes never change while the process lives."""

    content_type: str
    body: bytes
    etag: str | None = None
    policy: str | None = None

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the bytes, or with 304 where the client has them."""
        resp.content_type, resp.data = self.content_type, self.body
        resp.set_header("Cache-Control", "public, max-age=300" if self.etag else "no-store")
        if self.policy:
            resp.set_header("Content-Security-Policy", self.policy)
        if self.etag:
            resp.set_header("ETag", self.etag)
            if matches(req.get_header("If-None-Match"), self.etag):
                not_modified(resp)

    on_head = on_get


@dataclass(frozen=True, slots=True)
class Health:
    """The state of every service."""

    platform: PlatformHealth

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer 200 while anything works, 503 where nothing does."""
        report = await self.platform.report()
        resp.status = falcon.code_to_http_status(report.http_status)
        resp.content_type = JSON
        resp.data = to_json({"status": report.status, "services": report.services})
        resp.set_header("Cache-Control", "no-store")
        if report.http_status == HTTPStatus.SERVICE_UNAVAILABLE:
            resp.set_header("Retry-After", "1")

    on_head = on_get


def install(
    app: falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response],
    jwks: str,
    openapi: dict[str, object],
    platform: PlatformHealth,
    etag_of: Callable[[bytes], str],
) -> None:
    """Mount the pages."""
    described, keys = to_json(openapi), orjson.dumps(public_keys(jwks))
    readable = page(openapi).encode()
    app.add_route(JWKS.path, Constant(JSON, keys, etag_of(keys)))
    app.add_route(HEALTHZ.path, Constant(JSON, b'{"status":"ok"}'))
    app.add_route(HEALTH.path, Health(platform))
    app.add_route(OPENAPI.path, Constant(JSON, described, etag_of(described)))
    app.add_route(DOCS.path, Constant(HTML, readable, etag_of(readable), CONTENT_SECURITY_POLICY))


def public_keys(jwks: str) -> dict[str, list[dict[str, str]]]:
    """The key set with the public members of its keys alone."""
    public = ("kty", "crv", "x", "kid", "alg", "use", "key_ops")
    return {
        "keys": [
            {name: key[name] for name in public if name in key}
            for key in orjson.loads(jwks)["keys"]
        ]
    }
