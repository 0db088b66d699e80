"""What a service emits and what it consumes, as data: the topology and the entrypoints read it.

An event's form is stated once, by its dataclass in ``shared.contracts``; how it is written and read
follows from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from marshmallow import EXCLUDE, Schema, validate
from marshmallow import fields as forms

from shared.contracts.declare import Key, Length, declaration_of, values_of

E = TypeVar("E")
PLAIN: Mapping[Any, Callable[..., forms.Field[Any]]] = {
    str: forms.String,
    int: forms.Integer,
    float: forms.Float,
    bool: forms.Boolean,
    UUID: forms.UUID,
    datetime: forms.AwareDateTime,
    date: forms.Date,
}


class EventData(Schema):
    """Base of the schemas of event data. A tolerant reader: the producer may add fields."""

    class Meta:
        """Unknown fields are dropped on load."""

        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Emission:
    """One kind of event that a service emits: its routing key and the schema of its data.

    ``dump`` writes what the schema would, for events so large that the schema's own way is slow.
    """

    key: str
    schema: Schema
    dump: Callable[[Any], Mapping[str, Any]] | None = None

    def data_of(self, event: object) -> Any:
        """The event's data, as JSON can write it."""
        return self.schema.dump(event) if self.dump is None else self.dump(event)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of event that a service consumes; ``kind`` is the event's class, where it has one."""

    source: str
    key: str
    schema: Schema
    kind: type[Any] | None = None

    def queue(self, consumer: str) -> str:
        """Name of the consumer's queue for it."""
        return f"{consumer}.{self.source}.{self.key}"

    def read(self, data: Mapping[str, Any]) -> Any:
        """The event, or its data where it has no class. Raises ValidationError."""
        loaded = self.schema.load(dict(data))
        return loaded if self.kind is None else _made(self.kind, cast("Mapping[str, Any]", loaded))


Events = Mapping[type[Any], Emission]
"""A service's ``EVENTS``: event class → how it travels."""


class PermanentError(Exception):
    """Raised by a handler when another try cannot help: the event goes to the dead letters."""


def emits(*events: Any) -> Events:
    """Make a service's ``EVENTS``."""
    return {kind: emission_of(kind) for kind in events}


def consumes(*events: Any) -> tuple[Subscription, ...]:
    """Make a service's ``CONSUMES``."""
    return tuple(subscription_to(kind) for kind in events)


@cache
def emission_of(kind: Any) -> Emission:
    """How an event is written."""
    declared = declaration_of(kind)
    return Emission(declared.key, schema_of(kind)(), values_of if declared.plain else None)


@cache
def subscription_to(kind: Any) -> Subscription:
    """How an event is read, as an instance of its class."""
    declared = declaration_of(kind)
    return Subscription(declared.source, declared.key, schema_of(kind)(), kind)


@cache
def schema_of(kind: Any) -> type[EventData]:
    """The schema that follows from a dataclass's annotations. Raises TypeError for others."""
    hints = get_type_hints(kind, include_extras=True)
    members = {field.name: _form(hints[field.name], field) for field in fields(kind)}
    return type(kind.__name__, (EventData,), {**members, "__doc__": kind.__doc__})


def _form(annotation: Any, field: Field[Any]) -> forms.Field[Any]:
    bare, notes = unwrapped(annotation)
    options: dict[str, Any] = {"required": True}
    if field.default is not MISSING:
        options = {"load_default": field.default}
    for note in notes:
        if isinstance(note, Key):
            options["data_key"] = note.name
        if isinstance(note, Length):
            options["validate"] = validate.Length(note.least, note.most)
    inner, allows_none = optional(bare)
    return _form_of(inner, {**options, "allow_none": allows_none})


def _form_of(of: Any, options: Mapping[str, Any]) -> forms.Field[Any]:
    if of in PLAIN:
        return PLAIN[of](**options)
    if is_dataclass(of):
        return forms.Nested(schema_of(cast("Any", of)), **options)
    origin = get_origin(of)
    if origin is Literal:
        return forms.String(**{"validate": validate.OneOf(get_args(of)), **options})
    if origin is tuple:
        return forms.List(_form_of(get_args(of)[0], {}), **options)
    if origin is not None and issubclass(origin, Mapping):
        return forms.Dict(**options)
    raise TypeError(f"no event carries {of!r}")


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """An annotation's type, and what ``Annotated`` says of it."""
    if get_origin(annotation) is Annotated:
        bare, *notes = get_args(annotation)
        return bare, tuple(notes)
    return annotation, ()


def optional(of: Any) -> tuple[Any, bool]:
    """A type without None, and whether None was among it."""
    if get_origin(of) not in (Union, UnionType):
        return of, False
    (inner,) = (each for each in get_args(of) if each is not NoneType)
    return inner, True


def _made(kind: type[E], loaded: Mapping[str, Any]) -> E:
    """The dataclass out of what its schema loaded."""
    return kind(**{name: make(loaded[name]) for name, make in _makers(cast("Any", kind)).items()})


@cache
def _makers(kind: Any) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: _maker(optional(unwrapped(hints[field.name])[0])[0]) for field in fields(kind)
    }


def _maker(of: Any) -> Callable[[Any], Any]:
    if is_dataclass(of):
        kind = cast("type[Any]", of)
        return lambda value: None if value is None else _made(kind, value)
    if get_origin(of) is tuple:
        make = _maker(get_args(of)[0])
        return lambda value: None if value is None else tuple(make(each) for each in value)
    return lambda value: value
