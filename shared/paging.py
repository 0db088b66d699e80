"""Keyset paging: an opaque token holds the sort key of the last row seen.

A servicer makes a :class:`PageRequest` of its request, which refuses a bad size or token before a
transaction is opened, and hands it through the use case to the store. The store answers a
:class:`Page` (see ``shared.db.scoped``); the servicer puts its items and token into the response::

    asked = PageRequest.of(request)
    with self._unit_of_work(call.current()) as tx:
        page = usecases.list_patrols(tx, asked)
    return pb.ListPatrolsResponse(
        patrols=[_message(patrol) for patrol in page.items], next_page_token=page.next_page_token
    )
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson

from shared.errors import InvalidArgument, Text, Violation

Value = TypeVar("Value")
Item = TypeVar("Item")
Other = TypeVar("Other")

DEFAULT_SIZE = 50
MAXIMUM_SIZE = 500
BAD_TOKEN = Text(
    "This is no page token of this list; leave it out to start again.",
    "该分页标记无效;请去掉它从头读取。",
)
BAD_SIZE = Text("The page size must be from 1 to 500.", "每页条数须在 1 到 500 之间。")


class ListRequest(Protocol):
    """A request for a page of a list."""

    @property
    def page_size(self) -> int:
        """Items wanted; 0 leaves it to the platform."""

    @property
    def page_token(self) -> str:
        """The token of the page before; empty for the first page."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page: how many items, after which sort key (None: from the start)."""

    size: int = DEFAULT_SIZE
    key: tuple[Any, ...] | None = None

    @classmethod
    def of(cls, request: ListRequest) -> "PageRequest":
        """Read size and token. Raises InvalidArgument at /page_size or /page_token."""
        return cls(size(request.page_size), _key(request.page_token))

    def after(self, *kinds: Callable[[Any], Any]) -> tuple[Any, ...] | None:
        """The sort key's values, each read by its kind; None for the first page.

        A kind raises ValueError, TypeError, AttributeError or OverflowError for what is no such
        value. Raises InvalidArgument at /page_token then, and where the token holds another number
        of values.
        """
        if self.key is None:
            return None
        if len(self.key) != len(kinds):
            raise bad_token()
        try:
            return tuple(kind(value) for kind, value in zip(kinds, self.key, strict=True))
        except (AttributeError, OverflowError, TypeError, ValueError) as error:
            raise bad_token() from error


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Items of a list, and the token of the page that follows; empty where none does."""

    items: Sequence[Item]
    next_page_token: str = ""

    def map(self, make: Callable[[Item], Other]) -> "Page[Other]":
        """The page with something made of each item."""
        return Page([make(item) for item in self.items], self.next_page_token)

    def map_all(self, make: Callable[[Sequence[Item]], Sequence[Other]]) -> "Page[Other]":
        """The page with something made of all items at once, such as by one more question."""
        return Page(make(self.items), self.next_page_token)


def page_of(
    found: Sequence[Item], asked: PageRequest, key_of: Callable[[Item], tuple[Any, ...]]
) -> Page[Item]:
    """Make a page of up to ``size + 1`` items that follow the requested key.

    The last of ``size + 1`` items is not shown; it only says that another page follows.
    """
    shown = found[: asked.size]
    more = len(found) > asked.size
    return Page(shown, encode(*key_of(shown[-1])) if more else "")


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
    key = _key(token)
    if key is None:
        return None
    if len(key) != length:
        raise bad_token()
    return list(key)


def decode_one(token: str, kind: Callable[[Any], Value]) -> Value | None:
    """Read a sort key of one value back by ``kind``; None for the first page.

    Raises InvalidArgument as ``PageRequest.after`` does, and for what is no token.
    """
    found = PageRequest(key=_key(token)).after(kind)
    return None if found is None else found[0]


def bad_token() -> InvalidArgument:
    """The error for a text that is no token of the list."""
    return InvalidArgument([Violation("/page_token", BAD_TOKEN)])


def _key(token: str) -> tuple[Any, ...] | None:
    if not token:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as error:
        raise bad_token() from error
    if not isinstance(key, list):
        raise bad_token()
    return tuple(key)
