"""The description of a field in the API: the comment, unit and example of its proto.

The comments come from the descriptor set that `make proto` writes beside the generated modules. Fields
that mean the same in every message are described here once.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from gateway.examples import AN_ID, BY_NAME, OF_FORM
from shared.rpc.options import FLOATS, FieldRule, Form, choices_of, rule_of
from wangge.options.v1 import options_pb2

DESCRIPTORS = Path(options_pb2.__file__).parents[3] / "wangge.binpb"
MESSAGES, ENUMS, FIELDS, NESTED = 4, 5, 2, 3
"""Numbers of `message_type` and `enum_type` in a file, and of `field` and `nested_type` in a message: they
make up the paths of comments."""

USUAL = {
    "county_id": "The county.",
    "page_size": "How many items a page has at most; 50 unless given.",
    "page_token": "The `next_page_token` of the page before; the first page unless given.",
    "next_page_token": "Asks for the page after this one; empty on the last.",
    "version": "Rises with every change; the ETag names it.",
    "create_time": "When it was recorded.",
}
"""Descriptions of fields that mean the same in every message."""

MOMENT = "2026-03-05T08:00:00+08:00"


def description_of(field: FieldDescriptor) -> str:
    """The meaning of a field; empty where its proto does not say."""
    said = comments().get(field.full_name) or USUAL.get(field.name) or _of_type(field)
    unit = rule_of(field).unit
    return f"{said} In {unit}." if unit and said else said


def _of_type(field: FieldDescriptor) -> str:
    """The comment of a field's message or enum, for a field without a comment of its own."""
    kind = field.message_type or field.enum_type
    return comments().get(kind.full_name, "") if kind is not None else ""


def example_of(field: FieldDescriptor) -> Any:
    """A single value as JSON shows it; None where neither the proto nor the type gives one."""
    rule = rule_of(field)
    if rule.example:
        return _typed(rule)
    if rule.is_timestamp:
        return MOMENT
    if rule.form is not None:
        return _text(rule)
    if field.enum_type is not None:
        return next(iter(choices_of(field.enum_type)), None)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    return _number(rule) if field.message_type is None else None


def _text(rule: FieldRule) -> Any:
    """An example of a text: by its choices, its form, its name, and last as an id."""
    if rule.choices:
        return rule.choices[0]
    usual = OF_FORM.get(rule.form or Form.LINE) or BY_NAME.get(rule.shown)
    return usual or (AN_ID if rule.name.endswith(("_id", "_ids")) else None)


def _typed(rule: FieldRule) -> Any:
    if rule.form is not None or rule.field.enum_type is not None or rule.is_timestamp:
        return rule.example
    return float(rule.example) if rule.field.cpp_type in FLOATS else int(rule.example)


def _number(rule: FieldRule) -> float | int:
    """A small number within the field's range."""
    low, high = rule.range.low, rule.range.high
    low = 1 if low is None or low <= 0 else low
    return low if high is None else min(low, high)


@cache
def comments() -> Mapping[str, str]:
    """The comment above each message, enum and field, by its full name."""
    found = FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    return {name: text for file in found.file for name, text in _of_file(file)}


def _of_file(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    said = {
        tuple(each.path): _sentence(each.leading_comments or each.trailing_comments)
        for each in file.source_code_info.location
        if each.leading_comments or each.trailing_comments
    }
    for index, message in enumerate(file.message_type):
        yield from _of_message(message, file.package, (MESSAGES, index), said)
    for index, enum in enumerate(file.enum_type):
        if text := said.get((ENUMS, index)):
            yield f"{file.package}.{enum.name}", text


def _of_message(
    message: DescriptorProto, above: str, path: tuple[int, ...], said: Mapping[tuple[int, ...], str]
) -> Iterator[tuple[str, str]]:
    full_name = f"{above}.{message.name}"
    if text := said.get(path):
        yield full_name, text
    for index, field in enumerate(message.field):
        if text := said.get((*path, FIELDS, index)):
            yield f"{full_name}.{field.name}", text
    for index, inner in enumerate(message.nested_type):
        yield from _of_message(inner, full_name, (*path, NESTED, index), said)


def _sentence(comment: str) -> str:
    return " ".join(comment.split())
