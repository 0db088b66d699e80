"""Writers: functions that make a message of an object, decided once when the process starts.

A writer pairs every field of the message with an attribute of the object and converts it as its type
says::

    write_finding = writer(ledger_pb2.Finding, Finding)
    write_patrol = writer(ledger_pb2.Patrol, LedgerEntry, parts=("patrol",),
                          names={"ledger_number": "number"})

A field is filled from, in this order: the function that ``made`` names, the attribute that ``names``
names (dots lead further: ``"valid.start"``), the attribute of its own name, that of the same name in one of
``parts``. For ``close_time`` the attributes ``close_at`` and ``closed_at`` do as well, for ``text_json``
also ``text``; a ``county_id`` that the object lacks is the call's. A field for which nothing is found, or
whose type does not fit, is a TypeError at import that names it, so no field is ever forgotten.

None leaves a field empty; a path through an attribute that may be None belongs into ``made``. UUIDs, dates
and enums become text or the enum's value of the same name, mappings under ``*_json`` JSON text, and objects
the message of a writer: ``nested`` names it where the plain one does not do.
"""

import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
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
from shared.rpc.options import is_embedded, is_timestamp

M = TypeVar("M", bound=Message)
S = TypeVar("S")
Convert = Callable[[Any], Any]
LISTS = (list, tuple, set, frozenset, Sequence, AbstractSet)
NUMBERS = (int, float, bool)


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
        whom = f"{message.DESCRIPTOR.full_name} of {source.__qualname__}"
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
            kind = _type_at(self._source, stated)
            return None if kind is None else (stated, kind)
        for prefix in ("", *(f"{part}." for part in self._parts)):
            for candidate in _candidates(name):
                kind = _type_at(self._source, prefix + candidate)
                if kind is not None:
                    return prefix + candidate, kind
        return None

    def pair(self, field: Any) -> tuple[str, Convert | None]:
        """The attribute's path and its conversion; what is wrong and ``_FAULT`` instead."""
        found = self.find(field.name)
        if found is None:
            return f"{self._source.__qualname__} has no such attribute", _FAULT
        path, kind = found
        inner, may_be_none = _without_none(kind)
        try:
            if field.is_repeated:
                return path, self._of_list(field, inner, may_be_none=may_be_none)
            convert = self._of_value(field, inner)
        except _Misfit as misfit:
            return f"{path} is {kind}, {misfit}", _FAULT
        return path, _unless_none(convert) if may_be_none and convert else convert

    def _of_list(self, field: FieldDescriptor, kind: Any, *, may_be_none: bool) -> Convert | None:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return None
        if origin not in LISTS or not arguments:
            raise _Misfit("which is no list of a stated type")
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
            return writer(GetMessageClass(field.message_type), _class(kind))
        if field.enum_type is not None:
            return _enum(field, _class(kind))
        if field.type == FieldDescriptor.TYPE_STRING:
            return _text(field, kind)
        if not issubclass(_class(kind), _wanted(field)):
            raise _Misfit("which is neither number nor moment nor bytes as the field wants")
        return None


class _Misfit(Exception):
    """The attribute's type cannot fill the field."""


def _wanted(field: FieldDescriptor) -> type | tuple[type, ...]:
    if is_timestamp(field):
        return datetime
    return bytes if field.type == FieldDescriptor.TYPE_BYTES else NUMBERS


def _text(field: FieldDescriptor, kind: Any) -> Convert | None:
    found = _class(kind)
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
    raise _Misfit("which is no text")


def _enum(field: Any, kind: type) -> Convert | None:
    """The value of the same name: ``CASE_STATE_OPEN`` for ``State.OPEN``."""
    if not issubclass(kind, Enum):
        raise _Misfit("not an enum")
    prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
    values = field.enum_type.values_by_name
    if odd := [each.name for each in kind if f"{prefix}{each.name}" not in values]:
        raise _Misfit(f"of which {field.enum_type.full_name} has no {odd}")
    numbers = {each: values[f"{prefix}{each.name}"].number for each in kind}
    return numbers.__getitem__


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _candidates(name: str) -> Iterator[str]:
    yield name
    if name.endswith("_json"):
        yield name.removesuffix("_json")
    if name.endswith("_time"):
        stem = name.removesuffix("_time")
        for form in (stem, f"{stem}d", f"{stem}ed", f"{stem}{stem[-1]}ed", f"{stem[:-1]}ied"):
            yield f"{form}_at"


def _type_at(source: Any, path: str) -> Any:
    """The annotated type of the attribute at a path; None where no such attribute is sure to be."""
    kind: Any = source
    for step in path.split("."):
        inner, may_be_none = _without_none(kind)
        kind = None if may_be_none else _attribute(_class(inner), step)
        if kind is None:
            return None
    return kind


def _attribute(owner: type, name: str) -> Any:
    member = getattr(owner, name, None)
    if isinstance(member, property):
        return typing.get_type_hints(member.fget).get("return")
    return typing.get_type_hints(owner).get(name)


def _without_none(kind: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was allowed."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind, False
    others = [each for each in typing.get_args(kind) if each is not types.NoneType]
    inner = others[0] if len(others) == 1 else typing.Union[tuple(others)]  # noqa: UP007 - of a list
    return inner, len(others) < len(typing.get_args(kind))


def _class(kind: Any) -> type:
    """The class that a type names: of a Literal that of its values, of a generic its origin."""
    if isinstance(kind, typing.NewType):
        return _class(kind.__supertype__)
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return type(typing.get_args(kind)[0])
    if origin is typing.Annotated:
        return _class(typing.get_args(kind)[0])
    found = origin or kind
    return found if isinstance(found, type) else object
