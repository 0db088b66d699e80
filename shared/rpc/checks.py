"""The options of a request message as one function, compiled when the process starts.

What options cannot say on the wire, and the gateway alone says of JSON:

* that a boolean, or a number that may be 0, is given at all, where the field has no presence;
* that a list without ``min_items`` is given at all, and that an empty text is given where left out
  means the same;
* the last hours before 1900 and after 2999, which a moment's own offset puts on either side.

Ids in paths (``resource_id``) are left to the method, because a text that is no id names nothing.
``county_id`` without options is left to the guard, ``request_id`` and ``expected_version`` to the code
of idempotency and of version checks.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from marshmallow import ValidationError, validate

from shared.errors import InvalidArgument, Text, Violation
from shared.rpc import forms
from shared.rpc.options import (
    FIRST_YEAR,
    FLOATS,
    LAST_YEAR,
    FieldRule,
    Form,
    choices_of,
    is_annotated,
    rule_of,
)
from shared.rpc.sentences import text_of

MACHINERY = frozenset({"request_id", "expected_version", "rows"})
"""Fields that every write or import has; the code that uses them checks them."""

A_DAY = timedelta(hours=24)
A_SECOND = 1_000_000_000
"""A second in nanoseconds."""
EARLIEST = int((datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - A_DAY).timestamp())
LATEST = int((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) + A_DAY).timestamp())
MISSING = text_of("Missing data for required field.")
NOT_A_NUMBER = text_of("Special numeric values (nan or infinity) are not permitted.")
NO_DOCUMENT = text_of("Not a valid mapping type.")
OUT_OF_YEARS = text_of(forms.OUT_OF_YEARS)

Check = Callable[[Message], None]
Step = Callable[[Any, str, list[Violation]], None]
"""A function that checks one field of the message at a pointer, and adds its faults to the list."""
Judge = Callable[[Any], Text | None]
"""A function that returns the fault of a single value; None where there is none."""


@cache
def check_of(message: Descriptor) -> Check:
    """A function that raises InvalidArgument with every fault of a request. Trims its texts."""
    steps = _steps(message, top=True)

    def check(request: Message) -> None:
        faults: list[Violation] = []
        for step in steps:
            step(request, "", faults)
        if faults:
            raise InvalidArgument(faults)

    return check


def _steps(message: Descriptor, *, top: bool = False) -> tuple[Step, ...]:
    return tuple(step for field in message.fields if (step := _step(field, top=top)))


def _step(field: FieldDescriptor, *, top: bool) -> Step | None:
    rule = rule_of(field)
    if rule.form is Form.RESOURCE_ID or (top and _is_machinery(field)):
        return None
    if field.is_repeated:
        return _list_step(rule)
    if field.message_type is not None:
        return _timestamp_step(rule) if rule.is_timestamp else _message_step(rule)
    return _scalar_step(rule)


def _scalar_step(rule: FieldRule) -> Step | None:
    if rule.form is not None:
        return _text_step(rule)
    judge = _judge(rule)
    if judge is None and not rule.has_presence:
        return None  # true and false are all there is
    return _value_step(rule, judge or _accept)


def _is_machinery(field: FieldDescriptor) -> bool:
    return field.name in MACHINERY or (field.name == "county_id" and not is_annotated(field))


def _text_step(rule: FieldRule) -> Step:
    name, at_name, required = rule.name, f"/{rule.shown}", rule.required
    presence, tidy, judge = rule.has_presence, _tidy(rule), _judge(rule) or _accept

    def step(message: Any, at: str, faults: list[Violation]) -> None:
        text = getattr(message, name)
        if not text and not (presence and message.HasField(name)):
            if required:
                faults.append(Violation(at + at_name, MISSING))
            return
        if fault := judge(text):
            faults.append(Violation(at + at_name, fault))
        elif tidy is not None and (clean := tidy(text)) != text:
            setattr(message, name, clean)

    return step


def _value_step(rule: FieldRule, judge: Judge) -> Step:
    name, at_name, required = rule.name, f"/{rule.shown}", rule.required
    zero_is_a_fault = judge(0) is not None

    def step(message: Any, at: str, faults: list[Violation]) -> None:
        value = getattr(message, name)
        if not value:
            if required and zero_is_a_fault:
                faults.append(Violation(at + at_name, MISSING))
            return
        if fault := judge(value):
            faults.append(Violation(at + at_name, fault))

    def present(message: Any, at: str, faults: list[Violation]) -> None:
        if not message.HasField(name):
            if required:
                faults.append(Violation(at + at_name, MISSING))
        elif fault := judge(getattr(message, name)):
            faults.append(Violation(at + at_name, fault))

    return present if rule.has_presence else step


def _timestamp_step(rule: FieldRule) -> Step:
    name, at_name, required = rule.name, f"/{rule.shown}", rule.required

    def step(message: Any, at: str, faults: list[Violation]) -> None:
        if not message.HasField(name):
            if required:
                faults.append(Violation(at + at_name, MISSING))
        elif fault := _judge_moment(getattr(message, name)):
            faults.append(Violation(at + at_name, fault))

    return step


def _message_step(rule: FieldRule) -> Step:
    name, at_name, required = rule.name, f"/{rule.shown}", rule.required
    steps = _steps(_message_of(rule))

    def step(message: Any, at: str, faults: list[Violation]) -> None:
        if message.HasField(name):
            inner, pointer = getattr(message, name), at + at_name
            for each in steps:
                each(inner, pointer, faults)
        elif required:
            faults.append(Violation(at + at_name, MISSING))

    return step


def _list_step(rule: FieldRule) -> Step:
    name, at_name = rule.name, f"/{rule.shown}"
    count, item = _judge_length(rule.items.least, rule.items.most), _item_step(rule)
    may_be_empty = not rule.required or not rule.items.least

    def step(message: Any, at: str, faults: list[Violation]) -> None:
        values = getattr(message, name)
        if not values and may_be_empty:
            return
        if fault := count(len(values)):
            faults.append(Violation(at + at_name, fault))
        else:
            item(values, at + at_name, faults)

    return step


def _item_step(rule: FieldRule) -> Step:
    """A function that checks every item of a list."""
    if rule.field.message_type is not None and not rule.is_timestamp:
        return _messages_step(rule)
    judge, tidy = _judge_moment if rule.is_timestamp else _judge(rule) or _accept, _tidy(rule)

    def step(values: Any, at: str, faults: list[Violation]) -> None:
        for position, value in enumerate(values):
            if fault := judge(value):
                faults.append(Violation(f"{at}/{position}", fault))
            elif tidy is not None and (clean := tidy(value)) != value:
                values[position] = clean

    return step


def _message_of(rule: FieldRule) -> Descriptor:
    message: Any = rule.field.message_type
    found: Descriptor = message
    return found


def _messages_step(rule: FieldRule) -> Step:
    steps = _steps(_message_of(rule))

    def step(values: Any, at: str, faults: list[Violation]) -> None:
        for position, inner in enumerate(values):
            pointer = f"{at}/{position}"
            for each in steps:
                each(inner, pointer, faults)

    return step


def _tidy(rule: FieldRule) -> Callable[[str], str] | None:
    """A function that normalises a valid text; None where the text stays as it is."""
    if rule.form is Form.UUID:
        return str.lower
    return str.strip if rule.form is not None and rule.form.trimmed else None


def _accept(_value: object) -> None:
    return None


def _judge(rule: FieldRule) -> Judge | None:
    """The judge of a single text, number or enum value; None where every value will do."""
    if rule.form is not None:
        return _JUDGES.get(rule.form, _judge_text)(rule)
    if rule.field.enum_type is not None:
        return _judge_enum(rule)
    if rule.field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return None
    return _judge_number(rule)


def _judge_text(rule: FieldRule) -> Judge:
    """A judge of a text: control characters, length, pattern, choices and address, in this order."""
    trimmed = rule.form is not None and rule.form.trimmed
    controls, found_control = text_of(forms.NO_CONTROLS), forms.CONTROLS.search
    length = _judge_length(rule.lengths.least, rule.lengths.most)
    rest = tuple(_further(rule))

    def judge(text: str) -> Text | None:
        if trimmed:
            if found_control(text):
                return controls
            text = text.strip()
        if fault := length(len(text)):
            return fault
        return next((fault for each in rest if (fault := each(text))), None)

    return judge


def _further(rule: FieldRule) -> Iterator[Judge]:
    if rule.pattern:
        yield _judge_pattern(re.compile(rule.pattern), forms.no_match(rule.pattern))(rule)
    if rule.choices:
        yield _judge_by(validate.OneOf(rule.choices))
    if rule.form is Form.URI:
        yield _judge_by(validate.URL(schemes=forms.URI_SCHEMES))


def _judge_by(validator: Callable[[str], Any]) -> Judge:
    def judge(text: str) -> Text | None:
        try:
            validator(text)
        except ValidationError as error:
            return text_of(str(error.messages[0]))
        return None

    return judge


def _judge_pattern(pattern: Any, sentence: str) -> Callable[[FieldRule], Judge]:
    fault, match = text_of(sentence), pattern.fullmatch
    return lambda _rule: lambda text: None if match(text) else fault


def _judge_day(_rule: FieldRule) -> Judge:
    def judge(text: str) -> Text | None:
        try:
            forms.day(text)
        except forms.FormError as error:
            return text_of(str(error))
        return None

    return judge


def _judge_document(_rule: FieldRule) -> Judge:
    def judge(text: str) -> Text | None:
        try:
            return None if isinstance(orjson.loads(text), dict) else NO_DOCUMENT
        except orjson.JSONDecodeError:
            return NO_DOCUMENT

    return judge


_JUDGES: dict[Form, Callable[[FieldRule], Judge]] = {
    Form.UUID: _judge_pattern(forms.UUID_FORM, forms.NO_UUID),
    Form.COUNTY_ID: _judge_pattern(forms.COUNTY_ID, forms.NO_COUNTY_ID),
    Form.DATE: _judge_day,
    Form.PERIOD: _judge_pattern(forms.PERIOD, forms.NO_PERIOD),
    Form.DIVISION_CODE: _judge_pattern(forms.DIVISION_CODE, forms.NO_DIVISION_CODE),
    Form.JSON: _judge_document,
}


def _judge_length(least: int | None, most: int | None) -> Callable[[int], Text | None]:
    low, high = least or 0, most
    fault = _sentence_of(_length(least, most)) if low or high is not None else None
    if high is None:
        return lambda length: fault if length < low else None
    return lambda length: None if low <= length <= high else fault


def _length(least: int | None, most: int | None) -> validate.Length:
    if least is not None and least == most:
        return validate.Length(equal=least)
    return validate.Length(least, most)


def _sentence_of(validator: validate.Length) -> Text:
    """What marshmallow's validator says, so that both edges say the same."""
    for value in ("", "x" * ((validator.max or validator.equal or 0) + 1)):
        try:
            validator(value)
        except ValidationError as error:
            return text_of(str(error.messages[0]))
    raise AssertionError("a length that has a limit refuses something")


def _judge_enum(rule: FieldRule) -> Judge:
    enum: Any = rule.field.enum_type
    choices = choices_of(enum)
    numbers = frozenset(choices.values())
    fault = text_of(f"Must be one of: {', '.join(choices)}.")
    return lambda number: None if number in numbers else fault


def _judge_number(rule: FieldRule) -> Judge:
    limits = rule.range
    validator = validate.Range(
        limits.low,
        limits.high,
        min_inclusive=not limits.low_open,
        max_inclusive=not limits.high_open,
    )
    is_float = rule.field.cpp_type in FLOATS

    def judge(value: float) -> Text | None:
        if is_float and value - value != 0:  # nan and infinity
            return NOT_A_NUMBER
        try:
            validator(value)
        except ValidationError as error:
            return text_of(str(error.messages[0]))
        return None

    return judge


def _judge_moment(moment: Any) -> Text | None:
    if EARLIEST <= moment.seconds < LATEST and 0 <= moment.nanos < A_SECOND:
        return None
    return OUT_OF_YEARS
