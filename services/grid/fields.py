"""Messages that several servicers of the service read and write."""

import re
from datetime import date
from typing import Any

import orjson

from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import paging

PATH = re.compile(r"(\d{1,7}\.)+")
NO_DAY = Text("Give a day as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写日期。")
NO_OBJECT = Text("Give a JSON object.", "应为 JSON 对象。")


def json_object(text: str, pointer: str) -> dict[str, Any]:
    """Read a JSON object. Raises InvalidArgument for anything else."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidArgument([Violation(pointer, NO_OBJECT)]) from error
    if not isinstance(found, dict):
        raise InvalidArgument([Violation(pointer, NO_OBJECT)])
    return found


def day_of(text: str, pointer: str) -> date | None:
    """Read a day; None for an empty text. Raises InvalidArgument."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidArgument([Violation(pointer, NO_DAY)]) from error
    if day.isoformat() != text:  # fromisoformat also takes 20261001 and 2026-W40-4
        raise InvalidArgument([Violation(pointer, NO_DAY)])
    return day


def after_path(token: str) -> str | None:
    """The path of the last grid seen; None for the first page. Raises InvalidArgument."""
    return after_key(token, PATH)


def after_key(token: str, key: re.Pattern[str]) -> str | None:
    """The key of the last row seen; what is no such key is no token of the list."""
    found = paging.decode(token, 1)
    if found is None:
        return None
    if not (isinstance(found[0], str) and key.fullmatch(found[0])):
        raise InvalidArgument([Violation("/page_token", paging.BAD_TOKEN)])
    return found[0]


def number_key(value: object) -> int:
    """The number that a page token holds; for ``paging.decode_one``."""
    if not isinstance(value, int):
        raise TypeError
    return value
