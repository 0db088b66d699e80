"""The schemas of bodies and queries, derived from request messages and their options at import."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from marshmallow import Schema, fields, validate

from gateway import fields as own
from gateway.fields import Body
from shared.rpc import forms
from shared.rpc.options import FLOATS, FieldRule, Form, Lengths, is_annotated, rule_of

MACHINERY = frozenset({"request_id", "expected_version"})
"""Members that headers fill."""

Field = fields.Field[Any]


def schema_of(
    message: Descriptor, *, query: bool, without: frozenset[str], names: Mapping[str, str]
) -> type[Schema]:
    """The schema of a request's body or query.

    ``without``: members that come from elsewhere; ``names``: member → its name in JSON where that differs.
    """
    members = {
        names.get(field.name, rule_of(field).shown): _field(field, query=query)
        for field in message.fields
        if field.name not in without | MACHINERY
        and (field.name != "county_id" or is_annotated(field))
    }
    return Body.from_dict(members, name=message.name)


@cache
def _nested(message: Descriptor) -> type[Schema]:
    members = {rule_of(field).shown: _field(field, query=False) for field in message.fields}
    return Body.from_dict(members, name=message.name)


def _field(field: FieldDescriptor, *, query: bool) -> Field:
    rule = rule_of(field)
    about: dict[str, Any] = {
        "required": rule.required,
        "attribute": rule.name,
        "metadata": {"rule": rule},
    }
    if not field.is_repeated:
        return _single(rule, query=query, **about)
    items = _length(rule.items)
    inner = _single(rule, query=query)
    if query:
        return own.Commas(inner, validate=items, **about)
    return fields.List(inner, validate=items, **about)


def _single(rule: FieldRule, *, query: bool, **about: Any) -> Field:
    field = rule.field
    if rule.form is not None:
        return _text(rule, **about)
    if rule.is_timestamp:
        return own.Instant(**about)
    if field.message_type is not None:
        return fields.Nested(_nested(_message_of(field)), **about)
    if field.enum_type is not None:
        return own.Choice(field.enum_type, **about)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return own.QueryFlag(**about) if query else own.Flag(**about)
    return _number(rule, query=query, **about)


def _message_of(field: FieldDescriptor) -> Descriptor:
    message: Any = field.message_type
    found: Descriptor = message
    return found


def _text(rule: FieldRule, **about: Any) -> Field:
    checks = [_length(rule.lengths), *_further(rule)]
    validators = [each for each in checks if each]
    if rule.form in (Form.LINE, Form.PARAGRAPH):
        return own.Text(validate=validators, **about)
    plain = _PLAIN.get(rule.form) if rule.form else None
    return plain(**about) if plain else fields.String(validate=validators, **about)


_PLAIN: Mapping[Form, type[Field]] = {
    Form.UUID: own.Id,
    Form.RESOURCE_ID: own.Id,
    Form.COUNTY_ID: own.CountyId,
    Form.DATE: own.Day,
    Form.JSON: own.Document,
}


def _further(rule: FieldRule) -> list[Any]:
    """Validators of a text beside its length."""
    found: list[Any] = []
    if rule.pattern:
        found.append(_pattern(f"(?:{rule.pattern})", forms.no_match(rule.pattern)))
    if rule.choices:
        found.append(validate.OneOf(rule.choices))
    if rule.form is Form.URI:
        found.append(validate.URL(schemes=forms.URI_SCHEMES))
    if rule.form is Form.PERIOD:
        found.append(_pattern(forms.PERIOD.pattern, forms.NO_PERIOD))
    if rule.form is Form.DIVISION_CODE:
        found.append(_pattern(forms.DIVISION_CODE.pattern, forms.NO_DIVISION_CODE))
    return found


def _pattern(pattern: str, error: str) -> validate.Regexp:
    return validate.Regexp(rf"{pattern}\Z", error=error.replace("{", "{{").replace("}", "}}"))


def _number(rule: FieldRule, *, query: bool, **about: Any) -> Field:
    limits = rule.range
    bounded = limits.low is not None or limits.high is not None
    within = validate.Range(
        limits.low,
        limits.high,
        min_inclusive=not limits.low_open,
        max_inclusive=not limits.high_open,
    )
    kinds: Any = (fields.Float, own.Number) if rule.field.cpp_type in FLOATS else _INTEGERS
    field: Field = kinds[0 if query else 1](validate=within if bounded else None, **about)
    return field


_INTEGERS = (fields.Integer, own.Whole)


def _length(lengths: Lengths) -> validate.Length | None:
    if lengths.least is None and lengths.most is None:
        return None
    if lengths.least == lengths.most:
        return validate.Length(equal=lengths.least)
    return validate.Length(lengths.least, lengths.most)
