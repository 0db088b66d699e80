"""The field and method options of ``wangge/options/v1/options.proto``, read from descriptors.

The guard compiles its checks from them, the gateway its schemas and the description of the API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, MethodDescriptor

from shared.rpc.rules import CITY_ROLES, AccessRule
from wangge.options.v1 import options_pb2

_FIELD: Any = options_pb2.field  # the types of the generated module lack what extensions need
_ACCESS: Any = options_pb2.access

LINE, PARAGRAPH, SECRET, PAGE_TOKEN = 200, 4000, 1024, 2048
MAX_PAGE_SIZE = 500
FIRST_YEAR, LAST_YEAR = 1900, 2999
TIMESTAMP = "google.protobuf.Timestamp"
INTEGER_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
FLOATS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)


class OptionError(TypeError):
    """A proto states options that its field or method cannot have. The process does not start."""


class Form(Enum):
    """What kind of text a string is; the names are those of the options."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    VERBATIM = "verbatim"
    SECRET = "secret"  # noqa: S105 - the name of a form
    UUID = "uuid"
    RESOURCE_ID = "resource_id"
    COUNTY_ID = "county_id"
    DATE = "date"
    URI = "uri"
    PERIOD = "period"
    DIVISION_CODE = "division_code"
    JSON = "json"

    @property
    def trimmed(self) -> bool:
        """Whether white space round the text is dropped and control characters are refused."""
        return self in (Form.LINE, Form.PARAGRAPH)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Least and greatest length; None where there is no such limit."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Limits of a number; None where there is none, open where the limit itself is outside."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Everything that a field's options and its type say, defaults filled in."""

    field: FieldDescriptor
    required: bool
    form: Form | None
    """What kind of text; None for what is no string."""
    lengths: Lengths
    pattern: str
    choices: tuple[str, ...]
    range: Range
    items: Lengths
    unit: str
    example: str
    heading: str

    @property
    def name(self) -> str:
        """The member's name in the message."""
        return self.field.name

    @property
    def shown(self) -> str:
        """The member's name in JSON."""
        return shown_name(self.field)

    @property
    def is_timestamp(self) -> bool:
        """Whether it is a moment."""
        return is_timestamp(self.field)

    @property
    def has_presence(self) -> bool:
        """Whether left out differs from empty on the wire."""
        return bool(self.field.has_presence)


@cache
def rule_of(field: FieldDescriptor) -> FieldRule:
    """The rule of a field. Raises OptionError for options that do not fit its type."""
    options: Any = field.GetOptions().Extensions[_FIELD]
    rule = FieldRule(
        field=field,
        required=options.required,
        form=_form(field, options),
        lengths=_lengths(field, options),
        pattern=options.pattern,
        choices=tuple(getattr(options, "in")),
        range=_range(field, options),
        items=Lengths(_given(options, "min_items"), _given(options, "max_items")),
        unit=options.unit,
        example=options.example,
        heading=options.heading,
    )
    _check(rule, options)
    return rule


@cache
def access_of(method: MethodDescriptor) -> AccessRule | None:
    """Who may call a method; None where its proto does not say. Raises OptionError."""
    options = method.GetOptions()
    if not options.HasExtension(_ACCESS):
        return None
    access: Any = options.Extensions[_ACCESS]
    if odd := set(access.city_roles) - CITY_ROLES:
        raise OptionError(f"{method.full_name}: the city has no roles {sorted(odd)}")
    rule = AccessRule(
        anonymous=access.anonymous,
        any_post=access.any_post,
        capability=access.capability or None,
        city_roles=frozenset(access.city_roles),
        before_password_change=access.before_password_change,
    )
    if not (rule.anonymous or rule.any_post or rule.capability or rule.city_roles):
        raise OptionError(f"{method.full_name}: its access admits nobody")
    return rule


def is_annotated(field: FieldDescriptor) -> bool:
    """Whether the proto states options of the field."""
    return bool(field.GetOptions().HasExtension(_FIELD))


def is_timestamp(field: FieldDescriptor) -> bool:
    """Whether a field is a moment."""
    return field.message_type is not None and field.message_type.full_name == TIMESTAMP


def is_embedded(field: FieldDescriptor) -> bool:
    """Whether the member is a string that holds a JSON document."""
    return field.name.endswith("_json") and field.type == FieldDescriptor.TYPE_STRING


def shown_name(field: FieldDescriptor) -> str:
    """The name of a message's member in JSON."""
    return str(field.name.removesuffix("_json") if is_embedded(field) else field.name)


@cache
def enum_names(enum: EnumDescriptor) -> Mapping[int, str | None]:
    """The names that JSON shows, by number; 0, not specified, shows as null."""
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    names = {value.number: value.name.removeprefix(prefix).lower() for value in enum.values}
    return names | {0: None}


def choices_of(enum: EnumDescriptor) -> dict[str, int]:
    """The values that a request may name, by the name that JSON shows."""
    return {name: number for number, name in enum_names(enum).items() if name}


def _form(field: FieldDescriptor, options: Any) -> Form | None:
    if field.type != FieldDescriptor.TYPE_STRING:
        return None
    if stated := options.WhichOneof("form"):
        return Form(stated)
    if is_embedded(field):
        return Form.JSON
    taken_as_it_is = field.name == "page_token" or getattr(options, "in")
    return Form.VERBATIM if taken_as_it_is else Form.LINE


_USUAL = {
    Form.LINE: Lengths(1, LINE),
    Form.PARAGRAPH: Lengths(1, PARAGRAPH),
    Form.SECRET: Lengths(1, SECRET),
}


def _lengths(field: FieldDescriptor, options: Any) -> Lengths:
    if options.HasField("len"):
        return Lengths(options.len, options.len)
    form = _form(field, options)
    usual = _USUAL.get(form, Lengths()) if form else Lengths()
    if field.name == "page_token":
        usual = Lengths(1, PAGE_TOKEN)
    least, most = _given(options, "min_len"), _given(options, "max_len")
    return Lengths(usual.least if least is None else least, usual.most if most is None else most)


def _range(field: FieldDescriptor, options: Any) -> Range:
    usual = INTEGER_RANGES.get(field.cpp_type, (None, None))
    if field.name == "page_size":
        usual = (1, MAX_PAGE_SIZE)
    low, high = _limit(options, "gt", "gte"), _limit(options, "lt", "lte")
    return Range(
        low=usual[0] if low is None else low,
        high=usual[1] if high is None else high,
        low_open=options.HasField("gt"),
        high_open=options.HasField("lt"),
    )


def _limit(options: Any, open_name: str, closed_name: str) -> float | None:
    stated: float | None = _given(options, open_name)
    found = _given(options, closed_name) if stated is None else stated
    return int(found) if found is not None and found == int(found) else found


def _given(options: Any, name: str) -> Any:
    return getattr(options, name) if options.HasField(name) else None


def _check(rule: FieldRule, options: Any) -> None:
    """Raise OptionError where a rule is stated that the field's type does not have."""
    stated = {each.name for each, _ in options.ListFields()}
    odd = stated & _OF_TEXT if rule.form is None else stated & _OF_NUMBERS
    if rule.form not in (None, Form.LINE, Form.PARAGRAPH, Form.VERBATIM, Form.SECRET, Form.URI):
        odd |= stated & {"min_len", "max_len", "len", "pattern", "in"}
    if not rule.field.is_repeated:
        odd |= stated & {"min_items", "max_items"}
    if rule.form is None and not (
        rule.field.cpp_type in INTEGER_RANGES or rule.field.cpp_type in FLOATS
    ):
        odd |= stated & _OF_NUMBERS
    if odd:
        raise OptionError(f"{rule.field.full_name} cannot have the options {sorted(odd)}")


_OF_NUMBERS = {"gt", "gte", "lt", "lte"}
_OF_TEXT = {
    *("min_len", "max_len", "len", "pattern", "in"),
    *(each.name for each in options_pb2.FieldRules.DESCRIPTOR.oneofs_by_name["form"].fields),
}
