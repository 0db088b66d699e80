"""How a dataclass becomes an event."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

E = TypeVar("E", bound=type[Any])

_DECLARED: dict[type[Any], "Declaration"] = {}


@dataclass(frozen=True, slots=True)
class Key:
    """Annotates a field with its name in the data, where the field's own is no Python name."""

    name: str


@dataclass(frozen=True, slots=True)
class Length:
    """Annotates a tuple with how many values it has."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """Which service emits an event, and under which routing key.

    ``plain`` says that its fields are in the data as they are, so that the JSON library can write
    them without the schema. It is meant for events of hundreds of records.
    """

    source: str
    key: str
    plain: bool


def event(source: str, key: str, *, plain: bool = False) -> Callable[[E], E]:
    """Declare a dataclass as the event ``key`` of the service ``source``."""

    def declare(kind: E) -> E:
        _DECLARED[kind] = Declaration(source, key, plain)
        return kind

    return declare


def values_of(of: Any) -> dict[str, Any]:
    """The values of an event, or of a part of one, by the names of its fields."""
    return {field.name: getattr(of, field.name) for field in fields(of)}


def declaration_of(kind: type[Any]) -> Declaration:
    """What was declared of an event's class. Raises KeyError for another class."""
    return _DECLARED[kind]
