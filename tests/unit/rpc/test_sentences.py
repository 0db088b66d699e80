"""Every sentence that can be said of a field is there in Chinese."""

from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from gateway.routes import ROUTES
from shared.rpc.sentences import SENTENCES, text_of


def every_field(schema: Schema) -> Iterator[fields.Field[Any]]:
    for field in schema.fields.values():
        yield from _within(field)


def _within(field: fields.Field[Any]) -> Iterator[fields.Field[Any]]:
    yield field
    if isinstance(field, fields.List):
        yield from _within(field.inner)
    if isinstance(field, fields.Nested):
        yield from every_field(field.schema)


def messages() -> set[str]:
    """What the fields and validators of the whole table can say."""
    found: set[str] = set()
    for route in ROUTES:
        for schema in filter(None, (route.body, route.query)):
            found |= set(schema().error_messages.values())
            for field in every_field(schema()):
                found |= {str(message) for message in field.error_messages.values()}
                found |= {said for each in field.validators for said in _said_by(each)}
    return found


def _said_by(validator: Any) -> Iterator[str]:
    if isinstance(validator, validate.Length | validate.Range):
        for value in ("", "x" * 100_000) if isinstance(validator, validate.Length) else (-999, 999):
            yield from _said_of(validator, value)
    if isinstance(validator, validate.Regexp):
        yield from _said_of(validator, "no match")


def _said_of(validator: Any, value: Any) -> Iterator[str]:
    try:
        validator(value)
    except validate.ValidationError as error:
        yield from map(str, error.messages)


@pytest.mark.parametrize("message", sorted(messages()))
def test_a_message_has_its_chinese(message: str) -> None:
    text = text_of(message)

    assert text.en == message
    assert not text.zh.isascii()


def test_numbers_are_carried_over() -> None:
    assert text_of("The year must be from 1900 to 2999.").zh == "年份应在 1900 至 2999 之间。"
    assert text_of("Longer than maximum length 200.").zh == "长度不能超过 200。"
    assert text_of("Must be one of: filed, closed.").zh == "应为以下之一:filed, closed。"


def test_an_unknown_message_is_told_as_it_is() -> None:
    assert text_of("Something new.").zh == "Something new."


def test_both_forms_of_a_sentence_fill_the_same_names() -> None:
    for sentence in SENTENCES:
        names = {part.split("}")[0] for part in sentence.en.split("{")[1:]}
        assert names == {part.split("}")[0] for part in sentence.zh.split("{")[1:]}
