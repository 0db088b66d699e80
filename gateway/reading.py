"""Reading a request: its body, its query, Idempotency-Key and If-Match."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import falcon.asgi
import orjson
from marshmallow import Schema, ValidationError

from gateway.bodies import Bodies
from gateway.errors import (
    FileTypeNotSupported,
    HeaderNotValid,
    MediaTypeNotSupported,
    NotJson,
)
from gateway.exchange import Exchange
from gateway.fields import Body
from shared.errors import InvalidArgument, Violation
from shared.rpc.sentences import text_of

MAX_BODY_BYTES = 1024 * 1024
MAX_FILE_BYTES = 16 * MAX_BODY_BYTES
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}")
VERSION = re.compile(r'"(\d{1,18})"')


async def read_body(exchange: Exchange, bodies: Bodies) -> bytes:
    """The body, whose Content-Type must be JSON where there is one.

    Raises BodyTooLarge, BodyTooSlow, TooManyBodies or MediaTypeNotSupported.
    """
    raw = await bodies.receive(exchange, MAX_BODY_BYTES)
    if raw and (
        _media_type(exchange) != "application/json" or exchange.header(b"content-encoding")
    ):
        raise MediaTypeNotSupported
    return raw


async def read_file(
    exchange: Exchange, bodies: Bodies, types: Collection[str]
) -> tuple[bytes, str]:
    """The body as a file of one of the types, and which.

    Raises BodyTooLarge, BodyTooSlow, TooManyBodies or FileTypeNotSupported.
    """
    media_type = _media_type(exchange)
    if media_type not in types or exchange.header(b"content-encoding"):
        raise FileTypeNotSupported(types=", ".join(types))
    return await bodies.receive(exchange, MAX_FILE_BYTES), media_type


def _media_type(exchange: Exchange) -> str:
    return exchange.header(b"content-type").partition(";")[0].strip().lower()


def parsed(schema: Schema, raw: bytes) -> dict[str, Any]:
    """The request's fields in a JSON body; no body is an empty object. Raises NotJson, InvalidArgument."""
    try:
        return load(schema, orjson.loads(raw) if raw else {})
    except orjson.JSONDecodeError as error:
        raise NotJson(fault=str(error)) from error


def load(schema: Schema, data: Any) -> dict[str, Any]:
    """The data as fields of the request. Raises InvalidArgument with all faults at once."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise InvalidArgument(violations=tuple(_violations(error.messages, ""))) from error
    return loaded


NO_QUERY = Body()
"""The schema of a route without a query: whatever is given is unknown."""


def _violations(messages: Any, pointer: str) -> list[Violation]:
    if isinstance(messages, Mapping):
        found: list[Violation] = []
        for key, below in messages.items():
            at = pointer if key == "_schema" else f"{pointer}/{_escaped(str(key))}"
            found += _violations(below, at)
        return found
    return [Violation(pointer, text_of(str(message))) for message in messages]


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def idempotency_key(req: falcon.asgi.Request, *, taken: bool) -> str | None:
    """The Idempotency-Key, if any. Raises HeaderNotValid for one that cannot be kept."""
    key = req.get_header("Idempotency-Key")
    if key is not None and not taken:
        raise HeaderNotValid(
            header="Idempotency-Key",
            fault_en="this request keeps no key and is carried out anew each time; leave it out.",
            fault_zh="该请求不支持幂等键,每次提交都会重新执行,请勿携带。",
        )
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise HeaderNotValid(
            header="Idempotency-Key",
            fault_en="give 1 to 128 visible ASCII characters, such as a UUID.",
            fault_zh="应为 1 至 128 个可见 ASCII 字符,例如 UUID。",
        )
    return key


def expected_version(req: falcon.asgi.Request, *, taken: bool) -> int:
    """The version in If-Match, 0 without one. Raises HeaderNotValid for any other value."""
    header = req.get_header("If-Match")
    if header is None:
        return 0
    if not taken:
        raise HeaderNotValid(
            header="If-Match",
            fault_en="this request changes nothing that has a version; leave it out.",
            fault_zh="该请求不涉及带版本的内容,请勿携带。",
        )
    if header.strip() == "*":
        return 0
    match = VERSION.fullmatch(header.strip())
    if match is None or not int(match[1]):
        raise HeaderNotValid(
            header="If-Match",
            fault_en='give one version as its ETag shows it, such as "3".',
            fault_zh='请按 ETag 的形式给出一个版本,例如 "3"。',
        )
    return int(match[1])
