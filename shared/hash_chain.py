"""Append-only records chained by hash: a later edit of any of them shows."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime

import orjson

FIRST = ""
"""The hash before the first record."""


def content_hash(record: Mapping[str, object]) -> str:
    """SHA-256 in hex over the record as canonical JSON: sorted keys, UTC, no white space."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    canonical = orjson.dumps(record, default=_in_utc, option=options)
    return hashlib.sha256(canonical).hexdigest()


def link(previous_hash: str, record: Mapping[str, object]) -> str:
    """The hash of a record, given that of the record before it, or ``FIRST`` where there is none."""
    return hashlib.sha256((previous_hash + content_hash(record)).encode()).hexdigest()


def _in_utc(value: object) -> str:
    """A date or a moment as text: moments in UTC, and one without a zone counts as UTC."""
    if type(value) is date:
        return value.isoformat()
    if not isinstance(value, datetime):
        raise TypeError(f"cannot be part of a chained record: {type(value).__name__}")
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")
