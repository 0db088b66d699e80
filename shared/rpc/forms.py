"""The forms of texts, stated once for gateway and guard: patterns, days, canonical ids."""

import re
from datetime import date, datetime
from typing import TypeVar

from shared.rpc.options import FIRST_YEAR, LAST_YEAR

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UUID_FORM = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
COUNTY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
URI_SCHEMES = frozenset({"http", "https"})
DIVISION_CODE = re.compile(r"\d{6}(\d{3}){0,2}", re.ASCII)

NO_UUID = "Not a valid UUID."
NO_COUNTY_ID = "Not a county id: 1 to 64 letters, digits, hyphens, dots or underscores."
NO_DAY = "Not a date, such as 2026-03-05."
NO_PERIOD = "Not a period: a month such as 2026-03, or a year."
NO_DIVISION_CODE = "Not a division code of 6, 9 or 12 digits."
NO_URI = "Not a valid URL."
NO_CONTROLS = "Control characters are not allowed."
OUT_OF_YEARS = f"The year must be from {FIRST_YEAR} to {LAST_YEAR}."

When = TypeVar("When", date, datetime)


class FormError(ValueError):
    """The text is not what it must be; the message is one of the sentences."""


def canonical_id(value: str) -> str | None:
    """The UUID in lower case with hyphens, or None for a text that is none."""
    return value.lower() if UUID_FORM.fullmatch(value) else None


def day(text: str) -> str:
    """The day as YYYY-MM-DD. Raises FormError."""
    if DAY.fullmatch(text):
        try:
            return in_years(date.fromisoformat(text)).isoformat()
        except FormError:
            raise
        except ValueError:
            pass  # such as the 30th of February: reported below like any other
    raise FormError(NO_DAY)


def in_years(when: When) -> When:
    """The day or moment. Raises FormError beyond the years with which arithmetic is safe."""
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise FormError(OUT_OF_YEARS)
    return when


def no_match(pattern: str) -> str:
    """The sentence about a text that the pattern does not match."""
    return f"Not of the form {pattern}."
