"""Attributes of dataclasses and fields of messages: which belong together, and of what type they are."""

import types
import typing
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

LISTS = (list, tuple, set, frozenset, Sequence, AbstractSet)
NUMBERS = (int, float, bool)


class Misfit(TypeError):
    """The type of an attribute does not fit the type of its field."""


def enum_prefix(enum: EnumDescriptor) -> str:
    """What all values of an enum begin with, ``CASE_STATE_``."""
    first: str = enum.values_by_number[0].name
    return first.removesuffix("UNSPECIFIED")


def attributes_for(name: str) -> Iterator[str]:
    """The names that an attribute may have whose field has this name, the likeliest first."""
    yield name
    if name.endswith("_json"):
        yield name.removesuffix("_json")
    if name.endswith("_time"):
        stem = name.removesuffix("_time")
        for form in (stem, f"{stem}d", f"{stem}ed", f"{stem}{stem[-1]}ed", f"{stem[:-1]}ied"):
            yield f"{form}_at"


def type_at(source: Any, path: str) -> Any:
    """The annotated type of the attribute at a path; None where one may be missing."""
    kind: Any = source
    for step in path.split("."):
        inner, may_be_none = without_none(kind)
        kind = None if may_be_none else _attribute(class_of(inner), step)
        if kind is None:
            return None
    return kind


def _attribute(owner: type, name: str) -> Any:
    member = getattr(owner, name, None)
    if isinstance(member, property):
        return typing.get_type_hints(member.fget).get("return")
    return typing.get_type_hints(owner).get(name)


def without_none(kind: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was allowed."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind, False
    others = [each for each in typing.get_args(kind) if each is not types.NoneType]
    inner = others[0] if len(others) == 1 else typing.Union[tuple(others)]  # noqa: UP007 - of a list
    return inner, len(others) < len(typing.get_args(kind))


def class_of(kind: Any) -> type:
    """The class that a type names: of a Literal that of its values, of a generic its origin."""
    if isinstance(kind, typing.NewType):
        return class_of(kind.__supertype__)
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return type(typing.get_args(kind)[0])
    if origin is typing.Annotated:
        return class_of(typing.get_args(kind)[0])
    found = origin or kind
    return found if isinstance(found, type) else object
