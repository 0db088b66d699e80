"""Readers: functions that make an object of a request's message, built once when the process starts.

They are the inverse of :mod:`shared.rpc.messages`, with the same pairs of names::

    read_finding = reader(pb.NewFinding, Finding, made={"finding_id": lambda _finding: new_id()})
    finding = read_finding(message)

Every attribute that the class needs is filled by the function that ``made`` names, by the caller (``given``),
or by the field that belongs to it; one without any and without a default is a TypeError at import. The guard
has checked the message by its options before, so an id, a day or a document has its form.

A request that changes some attributes of an object is read by ``changes``.

What is left out is None where the attribute may be None, and empty or 0 otherwise.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

import orjson
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from shared.rpc.attributes import (
    LISTS,
    NUMBERS,
    Misfit,
    attributes_for,
    class_of,
    enum_prefix,
    without_none,
)
from shared.rpc.options import is_embedded, is_timestamp

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
Take = Callable[[Any], Any]
"""Reads an attribute's value from a message."""
Convert = Callable[[Any], Any]


def reader(
    message: type[Message],
    target: type[T],
    *,
    names: Mapping[str, str] | None = None,
    made: Mapping[str, Callable[[Any], Any]] | None = None,
    given: Sequence[str] = (),
    nested: Mapping[str, Convert] | None = None,
) -> Callable[..., T]:
    """A function that makes the object of a message; raises TypeError for an attribute nothing fills.

    ``names``: attribute → the field that fills it, where the names differ. ``given``: attributes that are
    handed to the function by name. ``nested``: attribute → the reader of its message or of each of them.
    """
    takes = dict(made or {})
    fields = _by_attribute(message)
    faults = _unknown(names or {}, fields)
    for attribute, kind, is_needed in _attributes(target):
        if attribute in takes or attribute in given:
            continue
        field = fields.get((names or {}).get(attribute, attribute))
        try:
            if field is not None:
                takes[attribute] = _take(field, kind, (nested or {}).get(attribute))
            elif is_needed:
                faults.append(f"{attribute}: the message has no such field")
        except Misfit as misfit:
            faults.append(f"{attribute}: {misfit}")
    if faults:
        whom = f"{target.__name__} of {message.DESCRIPTOR.full_name}"
        raise TypeError(f"{whom} cannot be read: {'; '.join(faults)}")
    steps = tuple(takes.items())

    def read(request: Any, **more: Any) -> T:
        return target(**{name: take(request) for name, take in steps}, **more)

    return read


def changes(
    message: type[Message],
    target: type,
    *,
    names: Mapping[str, str] | None = None,
    apart: Sequence[str] = (),
) -> Callable[[Any], dict[str, Any]]:
    """A function that says what a request changes: attribute → value, for every field that is given.

    Only fields with presence change anything: one that is left out stays. ``apart``: fields that change
    something else than attributes of the class. Raises TypeError for one that belongs to no attribute.
    """
    hints = typing.get_type_hints(target)
    takes, faults = [], []
    for field in (each for each in message.DESCRIPTOR.fields if each.has_presence):
        if field.name in apart:
            continue
        stated = {member: name for name, member in (names or {}).items()}.get(field.name)
        found = [name for name in (stated, *attributes_for(field.name)) if name in hints]
        if not found:
            faults.append(f"{target.__name__} has no attribute for {field.name}")
            continue
        takes.append((field.name, found[0], _convert(field, without_none(hints[found[0]])[0])))
    if faults:
        raise TypeError(f"{message.DESCRIPTOR.full_name}: {'; '.join(faults)}")

    def read(request: Any) -> dict[str, Any]:
        return {
            attribute: convert(getattr(request, name))
            for name, attribute, convert in takes
            if request.HasField(name)
        }

    return read


def _unknown(names: Mapping[str, str], fields: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: the message has no field {stated}"
        for name, stated in names.items()
        if stated not in fields
    ]


def _by_attribute(message: type[Message]) -> dict[str, Any]:
    """The fields by every name that their attribute may have."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        for name in attributes_for(field.name):
            found.setdefault(name, field)
    return found


def _attributes(target: type) -> list[tuple[str, Any, bool]]:
    """Name and type of each attribute that the class is made with, and whether it must be given."""
    if not dataclasses.is_dataclass(target):
        raise TypeError(f"{target.__name__} is no dataclass")
    hints = typing.get_type_hints(target)
    return [
        (
            each.name,
            hints[each.name],
            each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
        )
        for each in dataclasses.fields(target)
        if each.init
    ]


def _take(field: Any, kind: Any, nested: Convert | None) -> Take:
    inner, may_be_none = without_none(kind)
    name = field.name
    if field.is_repeated:
        return _take_list(field, inner, nested)
    convert = nested or _convert(field, inner)
    if field.has_presence and may_be_none:
        return lambda message: convert(getattr(message, name)) if message.HasField(name) else None
    if may_be_none:
        return lambda message: convert(value) if (value := getattr(message, name)) else None
    return lambda message: convert(getattr(message, name))


def _take_list(field: Any, kind: Any, nested: Convert | None) -> Take:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin not in LISTS or not arguments:
        raise Misfit(f"{kind} is no list of a stated type")
    convert, name = nested or _convert(field, arguments[0]), field.name
    make = origin if origin in (list, set, frozenset) else tuple
    return lambda message: make(convert(value) for value in getattr(message, name))


def _convert(field: Any, kind: Any) -> Convert:
    found = class_of(kind)
    if is_timestamp(field) and issubclass(found, datetime):
        return lambda value: value.ToDatetime(tzinfo=UTC)
    if field.message_type is not None and not is_timestamp(field):
        return reader(GetMessageClass(field.message_type), found)
    if field.enum_type is not None and issubclass(found, Enum):
        return _convert_enum(field, found)
    if field.type == FieldDescriptor.TYPE_STRING:
        return _convert_text(field, found)
    if issubclass(found, NUMBERS) and not is_timestamp(field) and field.enum_type is None:
        return _same
    raise Misfit(f"the field {field.name} makes no {kind}")


def _convert_text(field: FieldDescriptor, kind: type) -> Convert:
    if is_embedded(field) and not issubclass(kind, str):
        return orjson.loads
    if issubclass(kind, Enum | UUID):
        return kind
    if issubclass(kind, str):
        return _same
    if issubclass(kind, date) and not issubclass(kind, datetime):
        return date.fromisoformat
    raise Misfit(f"a text makes no {kind.__name__}")


def _convert_enum(field: Any, kind: type[Enum]) -> Convert:
    return numbered(field.enum_type, kind).__getitem__


def numbered(enum: EnumDescriptor, kind: type[E]) -> dict[int, E]:
    """The members by the number of the value of the same name: ``CASE_STATE_OPEN`` is ``State.OPEN``.

    Raises TypeError where the enums have not the same values.
    """
    prefix = enum_prefix(enum)
    members = {
        value.number: kind[value.name.removeprefix(prefix)]
        for value in enum.values
        if value.name.removeprefix(prefix) in kind.__members__
    }
    if len(members) != len(kind.__members__):
        raise Misfit(f"{enum.full_name} has not the values of {kind.__name__}")
    return members


def _same(value: Any) -> Any:
    return value
