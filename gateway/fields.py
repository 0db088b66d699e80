"""The kinds of fields that bodies and queries have; each refuses values of another type."""

import math
import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from google.protobuf.descriptor import EnumDescriptor
from marshmallow import RAISE, Schema, ValidationError, fields

from shared.rpc import forms
from shared.rpc.forms import COUNTY_ID, canonical_id
from shared.rpc.options import choices_of

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")

T = TypeVar("T")


class Body(Schema):
    """A request's body or query. Fields that it does not have are refused by name."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE


class Checked(fields.Field[T]):
    """A field whose ``read`` validates and converts a value."""

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


class Text(Checked[str]):
    """Text for people, trimmed, without control characters."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        if forms.CONTROLS.search(value):
            raise ValidationError(forms.NO_CONTROLS)
        return value.strip()


class Id(Checked[str]):
    """A UUID, in its canonical form afterwards."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        canonical = canonical_id(value) if isinstance(value, str) else None
        if canonical is None:
            raise ValidationError(forms.NO_UUID)
        return canonical


class CountyId(Checked[str]):
    """The short stable name of a county."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        if not isinstance(value, str) or not COUNTY_ID.fullmatch(value):
            raise ValidationError(forms.NO_COUNTY_ID)
        return value


class Instant(Checked[datetime]):
    """A moment: RFC 3339 with its offset."""

    def read(self, value: Any) -> datetime:
        """See :class:`Checked`."""
        if isinstance(value, str) and INSTANT.fullmatch(value):
            try:
                return forms.in_years(datetime.fromisoformat(value.upper()))
            except forms.FormError as error:
                raise ValidationError(str(error)) from error
            except ValueError:
                pass  # such as the 30th of February: reported below like any other
        raise ValidationError("Not a time with its offset, such as 2026-03-05T08:00:00+08:00.")


class Day(Checked[str]):
    """A day in the county's own time zone, kept as the text YYYY-MM-DD."""

    def read(self, value: Any) -> str:
        """See :class:`Checked`."""
        try:
            return forms.day(value if isinstance(value, str) else "")
        except forms.FormError as error:
            raise ValidationError(str(error)) from error


class Flag(Checked[bool]):
    """JSON's true or false; numbers and texts are refused."""

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


class Whole(Checked[int]):
    """A JSON number without fraction."""

    def read(self, value: Any) -> int:
        """See :class:`Checked`."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise ValidationError("Not a valid integer.")
        return int(value)


class Number(Checked[float]):
    """A JSON number."""

    def read(self, value: Any) -> float:
        """See :class:`Checked`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        try:
            number = float(value)
        except OverflowError as error:
            raise ValidationError("Number too large.") from error
        if not math.isfinite(number):
            raise ValidationError("Special numeric values (nan or infinity) are not permitted.")
        return number


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
        self.numbers = choices_of(enum)
        super().__init__(**kwargs)

    def read(self, value: Any) -> int:
        """See :class:`Checked`."""
        number = self.numbers.get(value) if isinstance(value, str) else None
        if number is None:
            raise ValidationError(f"Must be one of: {', '.join(self.numbers)}.")
        return number


class Commas(Checked[list[Any]]):
    """Values of a query, separated by commas or given several times."""

    def __init__(self, inner: fields.Field[Any], **kwargs: Any) -> None:
        self.inner = inner
        super().__init__(**kwargs)

    def read(self, value: Any) -> list[Any]:
        """See :class:`Checked`."""
        texts = ",".join(value if isinstance(value, list) else [str(value)]).split(",")
        found, faults = [], {}
        for index, text in enumerate(texts):
            try:
                found.append(self.inner.deserialize(text.strip()))
            except ValidationError as error:
                faults[index] = error.messages
        if faults:
            raise ValidationError(faults)
        return found
