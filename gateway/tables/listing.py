"""Lists as files: which routes are lists, and gathering all pages of one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.errors import ListTooLong
from gateway.routing import Route
from gateway.tables.headings import Headings
from gateway.tables.writing import to_csv, to_xlsx
from gateway.views import view_of
from shared.rpc.options import TIMESTAMP, shown_name

MAX_ROWS = 100_000
PAGE_SIZE = 500
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = tuple(CONTENT_TYPES)


@dataclass(frozen=True, slots=True)
class File:
    """A list as a file."""

    content_type: str
    name: str
    content: bytes


class Listing:
    """One route's list as files."""

    def __init__(self, route: Route, headings: Headings) -> None:
        members = listed(route)
        if members is None or members.message_type is None:
            raise ValueError(f"{route.path} is no list")
        self._members = members
        self._headings = headings
        self._view = view_of(members.message_type)
        self._columns = columns(members.message_type)
        self._name = route.path.rsplit("/", 1)[1].partition(":")[0].strip("{}")

    def file(
        self,
        ask: Callable[[Mapping[str, Any]], Message],
        kind: str,
        language: str,
    ) -> File:
        """The whole list as a file; ``ask`` calls the RPC for one page, given its fields.

        Raises ListTooLong where it has more rows than a file may.
        """
        heads = self._headings.row(self._columns, language)
        rows = self._rows(ask)
        content = (
            b"".join(to_csv(heads, rows)) if kind == "csv" else to_xlsx(self._name, heads, rows)
        )
        return File(CONTENT_TYPES[kind], f"{self._name}.{kind}", content)

    def _rows(self, ask: Callable[[Mapping[str, Any]], Message]) -> Iterator[list[object]]:
        token, count = "", 0
        while True:
            page: Any = ask({"page_size": PAGE_SIZE, "page_token": token})
            for item in getattr(page, self._members.name):
                count += 1
                if count > MAX_ROWS:
                    raise ListTooLong(limit=MAX_ROWS)
                document = self._view(item)
                yield [_at(document, name) for name in self._columns]
            token = page.next_page_token
            if not token:
                return


def listed(route: Route) -> FieldDescriptor | None:
    """The member that holds the list's items; None where the route is no list."""
    response: Any = route.rpc.response.DESCRIPTOR
    if route.method != "GET" or route.form or "next_page_token" not in response.fields_by_name:
        return None
    repeated = [field for field in response.fields if field.is_repeated and field.message_type]
    return repeated[0] if len(repeated) == 1 else None


def columns(message: Descriptor) -> list[str]:
    """Names of a message's columns: its single values, those of messages within as ``a.b``."""
    found = []
    for field in message.fields:
        if field.message_type is None or field.message_type.full_name == TIMESTAMP:
            found.append(shown_name(field))
        elif not field.is_repeated:
            inner = field.message_type.fields
            found += [f"{shown_name(field)}.{shown_name(each)}" for each in inner if _single(each)]
    return found


def _single(field: FieldDescriptor) -> bool:
    return field.message_type is None or field.message_type.full_name == TIMESTAMP


def _at(document: Any, name: str) -> object:
    for part in name.split("."):
        document = None if document is None else document[part]
    return document
