"""Marshmallow fields of the scheme document, each with its messages in both languages.

Every field is `not stated` (null, or absent) unless it is required: lists that are not stated are
empty, everything else is null. Types are strict: "3" is not a number and 1 is not a text.
"""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, missing, validate

from services.grid.schemes.document.problem import bilingual

_REQUIRED = bilingual("This field is required: add it.", "缺少必填项,请补充。")
_NOT_NULL = bilingual("This field cannot be null: give a value.", "该项不能为空,请填写。")
_NO_TEXT = bilingual("Give a text.", "应为文本。")
_NO_NUMBER = bilingual("Give a number.", "应为数字。")
_NO_WHOLE = bilingual("Give a whole number.", "应为整数。")
_NO_BOOLEAN = bilingual("Give true or false.", "应为 true 或 false。")
_NO_LIST = bilingual("Give a list.", "应为列表。")
_INVALID: Final = "invalid"
_NO_OBJECT = bilingual("Give an object.", "应为对象。")
_UNKNOWN = bilingual(
    "Unknown field: remove it or correct its name.", "未知字段,请删除或更正字段名。"
)
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DOTTED: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}")
_MINUTES_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

_COMMON = {"required": _REQUIRED, "null": _NOT_NULL, "validator_failed": _NO_TEXT}


class Section(Schema):
    """A part of the document: refuses unknown fields by name, and speaks both languages."""

    error_messages = {"unknown": _UNKNOWN, "type": _NO_OBJECT}  # noqa: RUF012 (as its base has it)


class _Text(fields.String):
    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error(_INVALID)
        return super()._deserialize(value, *args, **kwargs)


class _Whole(fields.Integer):
    """An integer; unlike the stock field it takes neither texts nor booleans for numbers."""

    def _validated(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error(_INVALID)
        return value


class _Number(fields.Float):
    def _validated(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error(_INVALID)
        result = super()._validated(value)
        return int(result) if isinstance(value, int) else result


class _Switch(fields.Boolean):
    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error(_INVALID)
        return super()._deserialize(value, *args, **kwargs)


class _List(fields.List[Any]):
    """A list whose null and absence both mean empty."""

    def deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(
            [] if value is None and self.allow_none else value, *args, **kwargs
        )


def _stated(messages: dict[str, str], *, required: bool) -> dict[str, Any]:
    """Arguments that every field has: required and never null, or optional and null by default."""
    options: dict[str, Any] = {"required": required, "allow_none": not required}
    if not required:
        options["load_default"] = None
    return {**options, "error_messages": {**_COMMON, **messages}}


def _matching(pattern: re.Pattern[str], en: str, zh: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not pattern.fullmatch(value):
            raise ValidationError(bilingual(en, zh))

    return check


def text(*, required: bool = False) -> fields.Field[str]:
    """Words of the county or of a document, shown to people as they are; never empty."""
    not_empty = validate.Length(min=1, max=2000, error=bilingual(
        "Give 1 to 2000 characters, or null: not stated.", "应为 1 至 2000 个字符,未说明填 null。"
    ))  # fmt: skip
    return _Text(validate=not_empty, **_stated({"invalid": _NO_TEXT}, required=required))


def slug(*, required: bool = False) -> fields.Field[str]:
    """An id: lower-case letters, digits and underscores, starting with a letter."""
    check = _matching(
        _SLUG,
        "Use 1 to 64 lower-case letters, digits and underscores, starting with a letter.",
        "应为 1 至 64 个小写字母、数字或下划线,以字母开头。",
    )
    return _Text(validate=check, **_stated({"invalid": _NO_TEXT}, required=required))


def role_id(*, required: bool = False) -> fields.Field[str]:
    """The id of a role type: `<level or place>.<slug>`."""
    check = _matching(
        _DOTTED,
        "Use two ids joined by a dot, such as township.direct.",
        "应为两个标识以点连接,例如 township.direct。",
    )
    return _Text(validate=check, **_stated({"invalid": _NO_TEXT}, required=required))


def clock_time() -> fields.Field[str]:
    """A time of day, `HH:MM`."""
    check = _matching(
        _MINUTES_OF_DAY, "Give a time of day such as 18:00.", "应为一天中的时刻,例如 18:00。"
    )
    return _Text(validate=check, **_stated({"invalid": _NO_TEXT}, required=True))


def day(*, required: bool) -> fields.Field[str]:
    """A calendar day, `YYYY-MM-DD`."""

    def check(value: str) -> None:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(
                bilingual("Give a date such as 2026-10-01.", "应为日期,例如 2026-10-01。")
            ) from error

    return _Text(validate=check, **_stated({"invalid": _NO_TEXT}, required=required))


def choice(words: Collection[str], *, required: bool = False) -> fields.Field[str]:
    """One of a closed list of words."""
    one_of = validate.OneOf(tuple(words), error=bilingual(
        "{input!r} is not one of {choices}.", "“{input}”不在可选值之内:{choices}。"
    ))  # fmt: skip
    return _Text(validate=one_of, **_stated({"invalid": _NO_TEXT}, required=required))


def whole(*, least: int = 0, most: int | None = None) -> fields.Field[int]:
    """A whole number within bounds, or not stated."""
    return _Whole(validate=_between(least, most), **_stated({"invalid": _NO_WHOLE}, required=False))


def number(*, least: float | None = 0, most: float | None = None) -> fields.Field[float]:
    """A number within bounds, or not stated."""
    special = bilingual("Give a finite number.", "应为有限数字。")
    messages = {"invalid": _NO_NUMBER, "special": special, "too_large": special}
    return _Number(validate=_between(least, most), **_stated(messages, required=False))


def _between(least: float | None, most: float | None) -> validate.Range:
    upper = "" if most is None else f" and at most {most}"
    upper_zh = "" if most is None else f"且不大于 {most}"
    error = bilingual(f"Must be at least {least}{upper}.", f"应不小于 {least}{upper_zh}。")
    return validate.Range(min=least, max=most, error=error)


def switch(*, default: bool | None = None) -> fields.Field[bool]:
    """True or false; null, where nothing else is the default, is not stated and works as false."""
    options = _stated({"invalid": _NO_BOOLEAN}, required=False)
    return _Switch(**{**options, "load_default": default, "allow_none": default is None})


def listed(of: fields.Field[Any], *, required: bool = False, least: int = 0) -> fields.Field[Any]:
    """A list; one that is not stated is empty."""
    enough = validate.Length(min=least, error=bilingual(
        f"Give at least {least}.", f"至少应有 {least} 项。"
    ))  # fmt: skip
    options = _stated({"invalid": _NO_LIST}, required=required)
    if not required:
        options["load_default"] = list
    return _List(of, validate=enough, **options)


def part(of: type[Schema], *, required: bool = False) -> fields.Field[Any]:
    """A nested object."""
    return fields.Nested(
        of, **_stated({"type": _NO_OBJECT, "invalid": _NO_OBJECT}, required=required)
    )


class _Always(fields.Nested):
    """A nested object that is there, with nothing stated, when the document leaves it out."""

    def deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize({} if value in (None, missing) else value, *args, **kwargs)


def section(of: type[Schema]) -> fields.Field[Any]:
    """A nested object that a normalised document always has."""
    return _Always(of, **_stated({"type": _NO_OBJECT, "invalid": _NO_OBJECT}, required=False))


def parts(of: type[Schema], *, required: bool = False, least: int = 0) -> fields.Field[Any]:
    """A list of nested objects."""
    return listed(part(of, required=True), required=required, least=least)


def facts() -> fields.Field[Any]:
    """Figures that a source document states, by name; nothing is computed from them."""
    return fields.Dict(
        keys=slug(required=True),
        values=fields.Raw(allow_none=True, validate=_plain),
        **{**_stated({"invalid": _NO_OBJECT}, required=False), "load_default": dict},
    )


def _plain(value: object) -> None:
    if value is not None and not isinstance(value, (str, int, float, bool)):
        raise ValidationError(bilingual("Give a text or a number.", "应为文本或数字。"))
