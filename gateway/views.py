"""Protobuf messages as JSON documents. Everything about a message's form is decided once.

Timestamps become datetimes (written as RFC 3339 in UTC), enums their lower-case name without the
type's prefix, 64-bit integers plain numbers, ``*_json`` members the JSON they hold under the name
without ``_json``; what is absent is null.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

View = Callable[[Any], dict[str, Any]]
"""A message as a document that :func:`to_json` can write."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
TIMESTAMP = "google.protobuf.Timestamp"


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


def shown_name(field: FieldDescriptor) -> str:
    """The name of a message's member in JSON."""
    return field.name.removesuffix("_json") if is_embedded(field) else field.name


def is_embedded(field: FieldDescriptor) -> bool:
    """Whether the member is a string that holds a JSON document."""
    return field.name.endswith("_json") and field.type == FieldDescriptor.TYPE_STRING


@cache
def enum_names(enum: EnumDescriptor) -> Mapping[int, str | None]:
    """The names that JSON shows, by number; 0, not specified, shows as null."""
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    names = {value.number: value.name.removeprefix(prefix).lower() for value in enum.values}
    return names | {0: None}


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
        return moment if field.message_type.full_name == TIMESTAMP else view_of(field.message_type)
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
