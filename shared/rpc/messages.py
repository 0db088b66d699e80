"""Writers: functions that make a message of an object, built once when the process starts.

A writer pairs every field of the message with an attribute of the object and converts it as its type
says::

    write_finding = writer(ledger_pb2.Finding, Finding)
    write_patrol = writer(ledger_pb2.Patrol, LedgerEntry, parts=("patrol",),
                          names={"ledger_number": "number"})

A field is filled from, in this order: the function that ``made`` names, the attribute that ``names``
names (dots lead further: ``"valid.start"``), the attribute of its own name, that of the same name in one of
``parts``. For ``close_time`` the attributes ``close_at`` and ``closed_at`` do as well, for ``text_json``
also ``text``; a ``county_id`` that the object lacks is the call's. A field for which nothing is found, or
whose type does not fit, is a TypeError at import that names it, so no field is forgotten silently.

None leaves a field empty; a path through an attribute that may be None belongs in ``made``. UUIDs, dates
and enums become text or the enum's value of the same name, mappings under ``*_json`` JSON text, and objects
the message of a writer: ``nested`` names it where the plain one does not do.
"""

import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from shared.rpc import call
from shared.rpc.attributes import (
    LISTS,
    NUMBERS,
    Misfit,
    attributes_for,
    class_of,
    enum_prefix,
    type_at,
    without_none,
)
from shared.rpc.options import is_embedded, is_timestamp

M = TypeVar("M", bound=Message)
S = TypeVar("S")
Convert = Callable[[Any], Any]


def writer(
    message: type[M],
    source: type[S],
    *,
    parts: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    made: Mapping[str, Callable[[S], Any]] | None = None,
    nested: Mapping[str, Convert] | None = None,
    left_out: Sequence[str] = (),
) -> Callable[[S], M]:
    """A function that makes the message of an object. Raises TypeError for a field nothing fills.

    ``left_out``: fields that this writer leaves empty.
    """
    functions = dict(made or {})
    plan = _Plan(source, parts, names or {}, nested or {})
    fields = message.DESCRIPTOR.fields_by_name
    _refuse_unknown(message, fields, [*(names or {}), *functions, *(nested or {}), *left_out])
    if "county_id" in fields and "county_id" not in functions and plan.find("county_id") is None:
        functions["county_id"] = lambda _source: call.current().county_id
    pairs = [
        (name, *plan.pair(field))
        for name, field in fields.items()
        if name not in functions and name not in left_out
    ]
    if faults := [f"{name}: {path}" for name, path, convert in pairs if convert is _FAULT]:
        whom = f"{message.DESCRIPTOR.full_name} of {source.__name__}"
        raise TypeError(f"{whom} cannot be written: {'; '.join(faults)}")
    return _compile(message, pairs, functions)


def _compile(
    message: type[M],
    pairs: Sequence[tuple[str, str, Convert | None]],
    functions: Mapping[str, Callable[[Any], Any]],
) -> Callable[[Any], M]:
    read = _reader([path for _, path, _ in pairs])
    members = [name for name, _, _ in pairs]
    converts = [(name, convert) for name, _, convert in pairs if convert]
    calls = list(functions.items())

    def write(source: Any) -> M:
        values = dict(zip(members, read(source), strict=True))
        for name, convert in converts:
            values[name] = convert(values[name])
        for name, make in calls:
            values[name] = make(source)
        return message(**values)

    return write


def _reader(paths: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    if not paths:
        return lambda _source: ()
    if len(paths) == 1:
        single = attrgetter(paths[0])
        return lambda source: (single(source),)
    return attrgetter(*paths)


def _refuse_unknown(message: type[Message], fields: Mapping[str, Any], stated: list[str]) -> None:
    if odd := [name for name in stated if name not in fields]:
        raise TypeError(f"{message.DESCRIPTOR.full_name} has no fields {odd}")


def _FAULT(value: Any) -> Any:  # noqa: N802 - stands for a field that cannot be filled
    raise AssertionError(value)


class _Plan:
    """Which attribute fills which field, and how it is converted."""

    def __init__(
        self,
        source: type,
        parts: Sequence[str],
        names: Mapping[str, str],
        nested: Mapping[str, Convert],
    ) -> None:
        self._source, self._names, self._nested = source, names, nested
        self._parts = parts

    def find(self, name: str) -> tuple[str, Any] | None:
        """The path of the attribute that fills a field, and its type; None where there is none."""
        if stated := self._names.get(name):
            kind = type_at(self._source, stated)
            return None if kind is None else (stated, kind)
        for prefix in ("", *(f"{part}." for part in self._parts)):
            for candidate in attributes_for(name):
                kind = type_at(self._source, prefix + candidate)
                if kind is not None:
                    return prefix + candidate, kind
        return None

    def pair(self, field: Any) -> tuple[str, Convert | None]:
        """The attribute's path and its conversion; where nothing fits, the fault and ``_FAULT``."""
        found = self.find(field.name)
        if found is None:
            return f"{self._source.__name__} has no such attribute", _FAULT
        path, kind = found
        inner, may_be_none = without_none(kind)
        try:
            if field.is_repeated:
                return path, self._of_list(field, inner, may_be_none=may_be_none)
            convert = self._of_value(field, inner)
        except Misfit as misfit:
            return f"{path} is {kind}, {misfit}", _FAULT
        return path, _unless_none(convert) if may_be_none and convert else convert

    def _of_list(self, field: FieldDescriptor, kind: Any, *, may_be_none: bool) -> Convert | None:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return None
        if origin not in LISTS or not arguments:
            raise Misfit("which is no list of a stated type")
        convert = self._of_value(field, arguments[0])
        if convert is None:
            return None
        if may_be_none:
            return lambda values: [convert(value) for value in values or ()]
        return lambda values: [convert(value) for value in values]

    def _of_value(self, field: Any, kind: Any) -> Convert | None:
        if own := self._nested.get(field.name):
            return own
        if field.message_type is not None and not is_timestamp(field):
            return writer(GetMessageClass(field.message_type), class_of(kind))
        if field.enum_type is not None:
            return _enum(field, class_of(kind))
        if field.type == FieldDescriptor.TYPE_STRING:
            return _text(field, kind)
        if not issubclass(class_of(kind), _wanted(field)):
            raise Misfit("which is neither number nor moment nor bytes as the field wants")
        return None


def _wanted(field: FieldDescriptor) -> type | tuple[type, ...]:
    if is_timestamp(field):
        return datetime
    return bytes if field.type == FieldDescriptor.TYPE_BYTES else NUMBERS


def _text(field: FieldDescriptor, kind: Any) -> Convert | None:
    found = class_of(kind)
    if is_embedded(field) and not issubclass(found, str):
        return lambda value: orjson.dumps(value).decode()
    if issubclass(found, Enum):
        return lambda value: value.value
    if issubclass(found, str):
        return None
    if issubclass(found, UUID):
        return str
    if issubclass(found, date) and not issubclass(found, datetime):
        return lambda value: value.isoformat()
    raise Misfit("which is no text")


def _enum(field: Any, kind: type) -> Convert | None:
    """The value of the same name: ``CASE_STATE_OPEN`` for ``State.OPEN``."""
    if not issubclass(kind, Enum):
        raise Misfit("not an enum")
    prefix = enum_prefix(field.enum_type)
    values = field.enum_type.values_by_name
    if odd := [each.name for each in kind if f"{prefix}{each.name}" not in values]:
        raise Misfit(f"of which {field.enum_type.full_name} has no {odd}")
    numbers = {each: values[f"{prefix}{each.name}"].number for each in kind}
    return numbers.__getitem__


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)
