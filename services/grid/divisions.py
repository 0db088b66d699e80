"""Administrative divisions of China, read from the published table beside this module.

The table is not kept in memory: each question streams the compressed file once (about 0.2 s).
Codes are those of the edition that `data/README.md` names.
"""

import csv
import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from shared.errors import InvalidArgument, NotFound, Text

TABLE = Path(__file__).with_name("data") / "divisions.csv.gz"
CODE_LENGTHS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
_BLOCK = 1 << 20


class UnknownDivision(NotFound):
    """No unit of the edition in use has this code."""

    reason = "DIVISION_UNKNOWN"
    title = Text("Administrative division not found", "未找到行政区划")
    detail = Text(
        "No administrative division has the code {code}; check it against the edition in use.",
        "没有代码为 {code} 的行政区划,请对照所用版本核对。",
    )


class MalformedDivisionCode(InvalidArgument):
    """What was given cannot be a code at all."""

    reason = "DIVISION_CODE_MALFORMED"
    title = Text("Not a division code", "行政区划代码格式有误")
    detail = Text(
        "'{code}' is not a division code: give 2, 4, 6, 9 or 12 digits.",
        "“{code}”不是行政区划代码:应为 2、4、6、9 或 12 位数字。",
    )


class UnknownDivisionLevel(InvalidArgument):
    """A level that the table does not have."""

    reason = "DIVISION_LEVEL_UNKNOWN"
    title = Text("Unknown division level", "未知的区划级别")
    detail = Text(
        "There is no level '{level}': give some of {known}.",
        "没有级别“{level}”:应为 {known} 之一。",
    )


@dataclass(frozen=True, slots=True)
class Division:
    """One administrative unit; `parent` is the code of the unit above, None for a province."""

    code: str
    name: str
    level: str
    parent: str | None


def divisions_under(
    code: str, levels: Collection[str] | None = None, *, table: Path = TABLE
) -> Iterator[Division]:
    """The unit with this code and all below it, each level after the one above.

    `levels` keeps only units of the named levels. A malformed or unknown code or level is
    refused at the call, not at the first use of what it returns.
    """
    _check(code, levels)
    found = (_division(line) for line in _lines_starting_with(code.encode(), table))
    itself = next(found, None)
    if itself is None or itself.code != code:
        raise UnknownDivision(code=code)
    wanted = CODE_LENGTHS.keys() if levels is None else set(levels)
    return (division for division in chain([itself], found) if division.level in wanted)


def _check(code: str, levels: Collection[str] | None) -> None:
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTHS.values()):
        raise MalformedDivisionCode(code=code)
    unknown = sorted(set(levels or ()) - CODE_LENGTHS.keys())
    if unknown:
        raise UnknownDivisionLevel(level=unknown[0], known=", ".join(CODE_LENGTHS))


def _lines_starting_with(prefix: bytes, table: Path) -> Iterator[bytes]:
    """Whole lines of the table whose first characters are the prefix, in file order."""
    needle = b"\n" + prefix
    with gzip.open(table, "rb") as file:
        for block in _whole_lines(file):
            start = block.find(needle)
            while start >= 0:
                end = block.index(b"\n", start + 1)
                yield block[start + 1 : end]
                start = block.find(needle, end)


def _whole_lines(file: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
    """The file in pieces that each begin with the line break before their first line."""
    rest = b"\n"
    while block := file.read(_BLOCK):
        text = rest + block
        cut = text.rfind(b"\n")
        yield text[: cut + 1]
        rest = text[cut:]
    if len(rest) > 1:
        yield rest + b"\n"


def _division(line: bytes) -> Division:
    code, name, level, parent = next(csv.reader([line.decode("utf-8")]))
    return Division(code, name, level, parent or None)
