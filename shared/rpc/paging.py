"""Paging as servicers know it; see ``shared.paging``."""

from shared.paging import (
    BAD_SIZE,
    BAD_TOKEN,
    DEFAULT_SIZE,
    MAXIMUM_SIZE,
    decode,
    decode_one,
    encode,
    size,
)

__all__ = [
    "BAD_SIZE",
    "BAD_TOKEN",
    "DEFAULT_SIZE",
    "MAXIMUM_SIZE",
    "decode",
    "decode_one",
    "encode",
    "size",
]
