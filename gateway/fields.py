"""The kinds of fields that bodies and queries have. Each refuses what its own type is not."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import orjson
from google.protobuf.descriptor import EnumDescriptor
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from gateway.views import enum_names

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
COUNTY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LINE, PARAGRAPH, MAX_PAGE_SIZE = 200, 4000, 500

T = TypeVar("T")
When = TypeVar("When", bound=date)
FIRST_YEAR, LAST_YEAR = 1900, 2999


class Body(Schema):
    """A request's body or query. What it does not name is refused by name."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE


class Paged(Body):
    """A query for one page of a list."""

    page_size = fields.Integer(validate=validate.Range(1, MAX_PAGE_SIZE))
    page_token = fields.String(validate=validate.Length(1, 2048))


class Checked(fields.Field[T]):
    """A field that says in one method what it takes."""

    @abstractmethod
    def read(self, value: Any) -> T:
        """The value as the request's member wants it. Raises ValidationError."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> T:
        return self.read(value)


class Words(Checked[str]):
    """Text for people, without control characters. Blank text is no text."""

    def __init__(self, maximum: int = LINE, *, minimum: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(minimum, maximum), **kwargs)

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        if CONTROLS.search(value):
            raise ValidationError("Control characters are not allowed.")
        return value.strip()


class Secret(fields.String):
    """A password or a token: taken as it is."""

    def __init__(self, maximum: int = 1024, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Length(1, maximum), metadata={"format": "password"}, **kwargs
        )


class Id(Checked[str]):
    """A UUID, in its canonical form afterwards."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        canonical = canonical_id(value) if isinstance(value, str) else None
        if canonical is None:
            raise ValidationError("Not a valid UUID.")
        return canonical


class CountyId(Checked[str]):
    """The short stable name of a county."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if not isinstance(value, str) or not COUNTY_ID.fullmatch(value):
            raise ValidationError(
                "Not a county id: 1 to 64 letters, digits, hyphens, dots or underscores."
            )
        return value


class Instant(Checked[datetime]):
    """A moment: RFC 3339 with its offset."""

    def read(self, value: Any) -> datetime:
        """See :class:`Checked`."""
        if isinstance(value, str) and INSTANT.fullmatch(value):
            try:
                return _in_range(datetime.fromisoformat(value.upper()))
            except ValueError:
                pass  # such as the 30th of February: said below like any other
        raise ValidationError("Not a time with its offset, such as 2026-03-05T08:00:00+08:00.")


class Day(Checked[str]):
    """A day in the county's own time zone, kept as the text YYYY-MM-DD."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return _in_range(date.fromisoformat(value)).isoformat()
            except ValueError:
                pass  # such as the 30th of February: said below like any other
        raise ValidationError("Not a date, such as 2026-03-05.")


class Flag(Checked[bool]):
    """JSON's true or false and nothing that merely looks like it."""

    def read(self, value: Any) -> bool:
        """See :class:`Checked`."""
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value


class QueryFlag(Checked[bool]):
    """``true`` or ``false`` in a query."""

    def read(self, value: Any) -> bool:
        """See :class:`Checked`."""
        if value not in ("true", "false"):
            raise ValidationError("Not a valid boolean.")
        return bool(value == "true")


class Degrees(Checked[float]):
    """A coordinate as a JSON number, within ±``limit``."""

    def __init__(self, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(validate=validate.Range(-limit, limit), **kwargs)

    def read(self, value: Any) -> float:
        """See :class:`Checked`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        return float(value)


class Document(Checked[str]):
    """A JSON object of the county's own making, passed on as JSON text."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if not isinstance(value, dict):
            raise ValidationError("Not a valid mapping type.")
        return orjson.dumps(value).decode()


class Choice(Checked[int]):
    """A value of a proto's enum, by the name that JSON shows."""

    def __init__(self, enum: EnumDescriptor, **kwargs: Any) -> None:
        names = enum_names(enum)
        self.numbers = {name: number for number, name in names.items() if name}
        super().__init__(**kwargs)

    def read(self, value: Any) -> int:
        """See :class:`Checked`."""
        number = self.numbers.get(value) if isinstance(value, str) else None
        if number is None:
            raise ValidationError(f"Must be one of: {', '.join(self.numbers)}.")
        return number


def _in_range(when: When) -> When:
    """The day or moment. Beyond these years arithmetic with it could leave the calendar."""
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise ValidationError(f"The year must be from {FIRST_YEAR} to {LAST_YEAR}.")
    return when


def canonical_id(value: str) -> str | None:
    """The UUID in lower case with hyphens, or None for a text that is none."""
    return value.lower() if UUID_FORM.fullmatch(value) else None
