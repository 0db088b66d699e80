"""Protobuf messages as JSON documents. Everything about a message's form is decided once.

Timestamps become datetimes (written as RFC 3339 in UTC), enums their lower-case name without the
type's prefix, 64-bit integers plain numbers, ``*_json`` members the JSON they hold under the name
without ``_json``; what is absent is null.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from shared.rpc.options import enum_names, is_embedded, is_timestamp, shown_name

View = Callable[[Any], dict[str, Any]]
"""A message as a document that :func:`to_json` can write."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def to_json(document: object) -> bytes:
    """The document as JSON text."""
    return orjson.dumps(document, option=OPTIONS)


@cache
def view_of(descriptor: Descriptor) -> View:
    """How to show messages of one type."""
    members = [field.name for field in descriptor.fields]
    names = [shown_name(field) for field in descriptor.fields]
    if not members:
        return lambda _message: {}
    read = attrgetter(*members) if len(members) > 1 else _single(members[0])
    steps = [(shown_name(field), step) for field in descriptor.fields if (step := _step(field))]

    def show(message: Message) -> dict[str, Any]:
        document = dict(zip(names, read(message), strict=True))
        for name, step in steps:
            document[name] = step(message, document[name])
        return document

    return show


def moment(timestamp: Any) -> datetime:
    """A Timestamp as a datetime in UTC, to the microsecond."""
    return EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)


def _single(member: str) -> Callable[[Any], tuple[Any]]:
    read = attrgetter(member)
    return lambda message: (read(message),)


Step = Callable[[Message, Any], Any]


def _step(field: FieldDescriptor) -> Step | None:
    """How to turn a member's raw value into its document; None where it is that already."""
    convert = _convert(field)
    if field.is_repeated:
        return _repeated(convert)
    if field.has_presence:
        return _present(field.name, convert)
    return (lambda _message, value: convert(value)) if convert else None


def _convert(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.message_type is not None:
        return moment if is_timestamp(field) else view_of(field.message_type)
    if field.enum_type is not None:
        names = enum_names(field.enum_type)
        return lambda number: names.get(number, str(number))
    if is_embedded(field):
        return lambda text: orjson.Fragment(text) if text else None
    return None


def _repeated(convert: Callable[[Any], Any] | None) -> Step:
    if convert is None:
        return lambda _message, values: list(values)
    return lambda _message, values: [convert(value) for value in values]


def _present(name: str, convert: Callable[[Any], Any] | None) -> Step:
    if convert is None:
        return lambda message, value: value if message.HasField(name) else None
    return lambda message, value: convert(value) if message.HasField(name) else None
