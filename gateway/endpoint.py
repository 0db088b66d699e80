"""One route at work: everything that can be decided before the first request is decided once."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import falcon
import falcon.asgi
from google.protobuf.message import Message
from marshmallow import Schema, fields, validate

from gateway import reading
from gateway.bodies import Bodies
from gateway.calls import Service
from gateway.errors import RowsRefused
from gateway.exchange import Exchange, exchange_of, fresh_id
from gateway.fields import Body, QueryFlag
from gateway.kept import PublicAnswers
from gateway.rates import Rates
from gateway.routing import Limit, Route, Rows, member_of
from gateway.tables import reading as tables
from gateway.tables.headings import Headings
from gateway.tables.listing import FORMATS, File, Listing, listed
from gateway.threads import Threads
from gateway.views import to_json, view_of
from shared.errors import Text, Unauthenticated, Violation
from shared.tokens import Claims, Verifier
from wangge.table.v1.table_pb2 import Row, RowFault

JSON = "application/json"
PRIVATE = "private, no-cache"
NO_STORE = "no-store"
FORMAT = "format"
"""The query's word for a list as a file: csv or xlsx."""
FORMAT_SAID = {
    "description": "The whole list as a file of this kind instead of one page of JSON.",
    "examples": ["csv"],
}
DRY_RUN_SAID = {
    "description": "Only check the file and say what would become of each row.",
    "examples": ["true"],
}
PAGING = frozenset({"page_size", "page_token"})
"""What means nothing to a file, which has all pages."""

LARGE_BYTES = 64 * 1024
"""What is larger is read and written in a thread: it would hold up all others."""

Ask = Callable[[Mapping[str, Any]], Coroutine[Any, Any, Message]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What every route works with."""

    services: Mapping[str, Service]
    verifier: Verifier
    rates: Rates
    kept: PublicAnswers
    bodies: Bodies
    public_max_age: int
    parsing: Threads = field(default_factory=lambda: Threads("parsing", 2, 64))
    exporting: Threads = field(default_factory=lambda: Threads("exporting", 4, 32))


class Endpoint:
    """Answers the requests of one route."""

    def __init__(self, route: Route, parts: Parts, headings: Headings) -> None:
        self.route = route
        self._headings = headings
        self._listing = Listing(route, headings) if listed(route) else None
        self._call = parts.services[route.rpc.service].method(route.rpc)
        self._verifier, self._rates, self._kept = parts.verifier, parts.rates, parts.kept
        self._bodies, self._parsing, self._exporting = parts.bodies, parts.parsing, parts.exporting
        self._body = route.body() if route.body else None
        self._query = query_of(route)()
        self._members = {name: member_of(name) for name in route.path_fields}
        self._takes_key = route.takes("request_id")
        self._takes_version = route.takes("expected_version")
        self._view = view_of(route.shown)
        self._status = falcon.code_to_http_status(route.status)
        self._method = route.rpc.path.rsplit("/", 1)[1]
        self._cache_control = _cache_control(route, parts.public_max_age)

    async def answer(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, **path: str
    ) -> None:
        """Admit, read, ask the service, answer. Refusals are raised."""
        exchange = exchange_of(req)
        token = await self._admit(req, exchange, path.get("county", ""))
        members = await self._read(req, exchange, path)
        if self.route.limit is Limit.LOGIN:
            account = members["county_id"], members["username"]
            await self._rates.count(self._rates.login, *account, exchange.address)
        kind = members.pop(FORMAT, None)

        async def ask(more: Mapping[str, Any]) -> Message:
            return await self._call(
                await self._request(members, more),
                timeout=self.route.deadline,
                metadata=exchange.metadata(token),
            )

        if self._listing and kind:
            self._give(resp, await self._export(self._listing, ask, kind, exchange))
            return
        response = await ask({})
        if response.ByteSize() > LARGE_BYTES:
            await self._parsing.run(self._answer, req, resp, response, exchange)
        else:
            self._answer(req, resp, response, exchange)

    async def _request(self, members: Mapping[str, Any], more: Mapping[str, Any]) -> Message:
        """The message that asks the service; one with the rows of a file is made in a thread."""
        make = partial(self.route.rpc.request, **members, **more)
        return await self._parsing.run(make) if self.route.rows is not None else make()

    async def _export(self, listing: Listing, ask: Ask, kind: str, exchange: Exchange) -> File:
        """The file of a list, written in a thread that asks for one page after the other."""
        loop = asyncio.get_running_loop()

        def page(more: Mapping[str, Any]) -> Message:
            return asyncio.run_coroutine_threadsafe(ask(more), loop).result()

        return await self._exporting.run(listing.file, page, kind, exchange.file_language)

    async def _admit(
        self, req: falcon.asgi.Request, exchange: Exchange, county_id: str
    ) -> str | None:
        """The caller's token, once the caller may use this route; None where anyone may."""
        exchange.county_id = county_id or None
        if self.route.is_public:
            await self._rates.count(self._rates.public, exchange.address)
            return None
        token, claims = await self._verified(req, exchange)
        exchange.actor_id = claims.person_id
        exchange.county_id = county_id or claims.county_id
        context = claims.context(token, exchange.correlation_id)
        self.route.rule.admit(context, county_id, self._method)
        await self._rates.count(self._rates.person, _key_of(claims.person_id))
        return token

    async def _verified(self, req: falcon.asgi.Request, exchange: Exchange) -> tuple[str, Claims]:
        """The token and what it says; whoever tries many that are none is held off."""
        try:
            token = _bearer(req)
            return token, self._verifier.verify(token)
        except Unauthenticated:
            await self._rates.count(self._rates.public, exchange.address)
            raise

    async def _read(
        self, req: falcon.asgi.Request, exchange: Exchange, path: Mapping[str, str]
    ) -> dict[str, Any]:
        """The request's members from path, query, body and headers."""
        params = req.params
        members = reading.load(self._query, params) if params else {}
        if members.get(FORMAT):
            members = {name: value for name, value in members.items() if name not in PAGING}
        if self.route.rows is not None:
            members["rows"] = await self._read_rows(exchange, self.route.rows)
        if self._body is not None:
            members |= await self._read_body(exchange, self._body)
        for name, value in path.items():
            members[self._members[name]] = value
        version = reading.expected_version(
            req, taken=self._takes_version or req.method in ("GET", "HEAD")
        )
        if self._takes_version:
            members["expected_version"] = version
        if req.method == "POST":
            key = reading.idempotency_key(req, taken=self._takes_key)
            if self._takes_key:
                # Without the caller's own key a fresh one still makes our retries harmless.
                members["request_id"] = key or fresh_id()
        return members

    async def _read_body(self, exchange: Exchange, schema: Schema) -> dict[str, Any]:
        raw = await reading.read_body(exchange, self._bodies)
        if len(raw) > LARGE_BYTES:
            return await self._parsing.run(reading.parsed, schema, raw)
        return reading.parsed(schema, raw)

    async def _read_rows(self, exchange: Exchange, rows: Rows) -> list[Row]:
        types = tables.types_of(rows)
        content, content_type = await reading.read_file(exchange, self._bodies, types)
        return await self._parsing.run(tables.read, content, content_type, rows, self._headings)

    def _give(self, resp: falcon.asgi.Response, file: File) -> None:
        resp.status = self._status
        resp.data = file.content
        resp.content_type = file.content_type
        resp.set_header("Content-Disposition", f'attachment; filename="{file.name}"')
        resp.set_header("Vary", "Accept-Language")
        resp.set_header("Cache-Control", PRIVATE if not self.route.is_public else NO_STORE)

    def _answer(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        response: Message,
        exchange: Exchange,
    ) -> None:
        shown = getattr(response, self.route.show) if self.route.show else response
        if self.route.rows is not None:
            refuse_faults(response, self._headings)
        resp.status = self._status
        if self.route.form:
            body = self.route.form.render(shown, exchange.path, exchange.language)
            resp.content_type = self.route.form.content_type
        else:
            document = self._view(shown)
            body = to_json(document)
            resp.content_type = JSON
            if self.route.location:
                resp.set_header("Location", self.route.location.format(**document))
        resp.data = body
        resp.set_header("Cache-Control", self._cache_control)
        if etag := self._etag(shown, body):
            resp.set_header("ETag", etag)
            if self.route.is_cacheable:
                self._keep(resp, exchange, etag, body)
            if req.method != "POST" and matches(req.get_header("If-None-Match"), etag):
                not_modified(resp)

    def _etag(self, shown: Any, body: bytes) -> str | None:
        if self.route.has_version:
            return f'"{shown.version}"'
        if self.route.method != "GET":
            return None
        return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'

    def _keep(self, resp: falcon.asgi.Response, exchange: Exchange, etag: str, body: bytes) -> None:
        if self.route.form:
            resp.set_header("Vary", "Accept-Language")
        headers = tuple(resp.headers.items())
        self._kept.keep(exchange.scope, self.route.path, etag, headers, body)


def query_of(route: Route) -> type[Schema]:
    """The schema of the route's query: its own, and what being a list or an import adds."""
    own = route.query or Body
    if listed(route):
        kind = fields.String(validate=validate.OneOf(FORMATS), metadata=FORMAT_SAID)
        return type(own.__name__, (own,), {FORMAT: kind})
    if route.rows is not None:
        return type(own.__name__, (own,), {"dry_run": QueryFlag(metadata=DRY_RUN_SAID)})
    return own


def refuse_faults(response: Any, headings: Headings) -> None:
    """Raise RowsRefused with every fault that the service found in the rows."""
    faults = response.outcome.faults
    if faults:
        raise RowsRefused([_fault(each, headings) for each in faults])


def _fault(fault: RowFault, headings: Headings) -> Violation:
    pointer = f"/rows/{fault.row}" + (f"/{fault.column}" if fault.column else "")
    where = f"“{headings.of(fault.column)}”" if fault.column else ""
    english = f"Row {fault.row}{f', {fault.column}' if fault.column else ''}: {fault.detail}"
    return Violation(pointer, Text(english, f"第 {fault.row} 行{where}:{fault.detail_zh}"))


def not_modified(resp: falcon.asgi.Response) -> None:
    """Turn the answer into a 304, which has no body."""
    resp.status = falcon.HTTP_304
    resp.data = b""
    resp.content_type = None


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether a reader has this very answer already (weak comparison, RFC 9110)."""
    if not if_none_match:
        return False
    wanted = etag.removeprefix("W/")
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (wanted, "*") for tag in tags)


def _bearer(req: falcon.asgi.Request) -> str:
    scheme, _, token = (req.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


def _key_of(person_id: UUID) -> str:
    return person_id.hex


def _cache_control(route: Route, public_max_age: int) -> str:
    if route.method != "GET":
        return NO_STORE
    return f"public, max-age={public_max_age}" if route.is_public else PRIVATE
