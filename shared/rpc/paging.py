"""Keyset paging: an opaque token holds the sort key of the last row seen."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from shared.errors import InvalidArgument, Text, Violation

Value = TypeVar("Value")

DEFAULT_SIZE = 50
MAXIMUM_SIZE = 500
BAD_TOKEN = Text(
    "This is no page token of this list; leave it out to start again.",
    "该分页标记无效;请去掉它从头读取。",
)
BAD_SIZE = Text("The page size must be from 1 to 500.", "每页条数须在 1 到 500 之间。")


def size(requested: int) -> int:
    """Rows to show: 50 unless asked otherwise. Raises InvalidArgument outside 1 to 500."""
    if requested == 0:
        return DEFAULT_SIZE
    if not 1 <= requested <= MAXIMUM_SIZE:
        raise InvalidArgument([Violation("/page_size", BAD_SIZE)])
    return requested


def encode(*key: Any) -> str:
    """Make the token for the page after the row whose sort key this is."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode(token: str, length: int) -> list[Any] | None:
    """Read the sort key of ``length`` values back; None for the first page.

    Raises InvalidArgument for what is no token.
    """
    if not token:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidArgument([Violation("/page_token", BAD_TOKEN)]) from error
    if not isinstance(key, list) or len(key) != length:
        raise InvalidArgument([Violation("/page_token", BAD_TOKEN)])
    return key


def decode_one(token: str, kind: Callable[[Any], Value]) -> Value | None:
    """Read a sort key of one value back by ``kind``; None for the first page.

    ``kind`` raises ValueError, TypeError or AttributeError for what is no such value; this raises
    InvalidArgument then, and for what is no token.
    """
    key = decode(token, 1)
    if key is None:
        return None
    try:
        return kind(key[0])
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidArgument([Violation("/page_token", BAD_TOKEN)]) from error
