"""Append-only records chained by hash: a later edit of any of them shows."""

import hashlib
from collections.abc import Mapping

import orjson

FIRST = ""
"""The hash before the first record."""


def content_hash(record: Mapping[str, object]) -> str:
    """SHA-256 in hex over the record as canonical JSON: sorted keys, UTC, no white space."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    return hashlib.sha256(orjson.dumps(record, option=options)).hexdigest()


def link(previous_hash: str, record: Mapping[str, object]) -> str:
    """The hash of a record that follows the one with ``previous_hash``, or ``FIRST``."""
    return hashlib.sha256((previous_hash + content_hash(record)).encode()).hexdigest()
