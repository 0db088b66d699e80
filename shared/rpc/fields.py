"""Reading single fields of request messages, with errors that name the field."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.errors import DomainError, InvalidArgument, Text, Violation

MISSING = Text("This field is required.", "该字段必填。")
NO_UUID = Text(
    "This is no id: use the id as the platform gave it.", "标识无效,请使用平台给出的标识。"
)
NO_TIME = Text("This is no moment from year 1 to 9999.", "时间无效:须在公元1年至9999年之间。")


def uuid_or(text: str, error: DomainError) -> UUID:
    """Read an id that names a resource; what is no id names nothing: raise ``error``."""
    try:
        return UUID(text)
    except ValueError:
        raise error from None


def optional_uuid(text: str, pointer: str) -> UUID | None:
    """Read an id from the body or a filter; empty is None. Raises InvalidArgument."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidArgument([Violation(pointer, NO_UUID)]) from error


def present(text: str, pointer: str) -> str:
    """Return the text. Raises InvalidArgument where it is empty."""
    if not text:
        raise InvalidArgument([Violation(pointer, MISSING)])
    return text


def moment(message: Any, field: str, pointer: str | None = None) -> datetime:
    """Read a timestamp that must be given and be one. Raises InvalidArgument."""
    if not message.HasField(field):
        raise InvalidArgument([Violation(pointer or f"/{field}", MISSING)])
    try:
        found: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidArgument([Violation(pointer or f"/{field}", NO_TIME)]) from error
    return found


def optional_moment(message: Any, field: str) -> datetime | None:
    """Read a timestamp that may be absent."""
    return moment(message, field) if message.HasField(field) else None


def optional_day(text: str) -> date | None:
    """A day of a request, whose form the guard has checked; None where it is left out."""
    return date.fromisoformat(text) if text else None
