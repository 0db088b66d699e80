"""The kinds of fields that bodies and queries have. Each refuses what its own type is not."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from google.protobuf.descriptor import EnumDescriptor
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from gateway.views import enum_names

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
COUNTY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LINE, PARAGRAPH, MAX_PAGE_SIZE = 200, 4000, 500


class Body(Schema):
    """A request's body or query. What it does not name is refused by name."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE


class Paged(Body):
    """A query for one page of a list."""

    page_size = fields.Integer(validate=validate.Range(1, MAX_PAGE_SIZE))
    page_token = fields.String(validate=validate.Length(1, 2048))


class Words(fields.String):
    """Text for people, without control characters. Blank text is no text."""

    def __init__(self, maximum: int = LINE, *, minimum: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(minimum, maximum), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and CONTROLS.search(text):
            raise ValidationError("Control characters are not allowed.")
        return text.strip() if text else ""


class Secret(fields.String):
    """A password or a token: taken as it is."""

    def __init__(self, maximum: int = 1024, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Length(1, maximum), metadata={"format": "password"}, **kwargs
        )


class Id(fields.String):
    """A UUID, in its canonical form afterwards."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        canonical = canonical_id(value) if isinstance(value, str) else None
        if canonical is None:
            raise ValidationError("Not a valid UUID.")
        return canonical


class CountyId(fields.String):
    """The short stable name of a county."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if not isinstance(value, str) or not COUNTY_ID.fullmatch(value):
            raise ValidationError(
                "Not a county id: 1 to 64 letters, digits, hyphens, dots or underscores."
            )
        return value


class Instant(fields.Field[datetime]):
    """A moment: RFC 3339 with its offset."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if isinstance(value, str) and INSTANT.fullmatch(value):
            try:
                return datetime.fromisoformat(value.upper())
            except ValueError:
                pass  # such as the 30th of February: said below like any other
        raise ValidationError("Not a time with its offset, such as 2026-03-05T08:00:00+08:00.")


class Day(fields.Field[str]):
    """A day in the county's own time zone, kept as the text YYYY-MM-DD."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass  # such as the 30th of February: said below like any other
        raise ValidationError("Not a date, such as 2026-03-05.")


class Flag(fields.Field[bool]):
    """JSON's true or false and nothing that merely looks like it."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value


class QueryFlag(fields.Field[bool]):
    """``true`` or ``false`` in a query."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if value not in ("true", "false"):
            raise ValidationError("Not a valid boolean.")
        return bool(value == "true")


class Degrees(fields.Field[float]):
    """A coordinate as a JSON number, within ±``limit``."""

    def __init__(self, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(validate=validate.Range(-limit, limit), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        return float(value)


class Document(fields.Dict):
    """A JSON object of the county's own making, passed on as JSON text."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        return orjson.dumps(super()._deserialize(value, attr, data, **kwargs)).decode()


class Choice(fields.Field[int]):
    """A value of a proto's enum, by the name that JSON shows."""

    def __init__(self, enum: EnumDescriptor, **kwargs: Any) -> None:
        names = enum_names(enum)
        self.numbers = {name: number for number, name in names.items() if name}
        super().__init__(**kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        number = self.numbers.get(value) if isinstance(value, str) else None
        if number is None:
            raise ValidationError(f"Must be one of: {', '.join(self.numbers)}.")
        return number


def canonical_id(value: str) -> str | None:
    """The UUID in lower case with hyphens, or None for a text that is none."""
    if len(value) != 36:
        return None
    try:
        canonical = str(UUID(value))
    except ValueError:
        return None
    return canonical if canonical == value.lower() else None
