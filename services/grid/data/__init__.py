"""Administrative divisions of China, read from the published table beside this module.

The table is read once a process, at the first question (about 0.6 s), and kept in compressed blocks of
one county each (about 9 MB in all), so that a question costs no more than its own county.
Codes are those of the edition that `README.md` names.
"""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.errors import InvalidArgument, NotFound, Text

TABLE = Path(__file__).with_name("divisions.csv.gz")
CODE_LENGTHS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
COUNTY_DIGITS = CODE_LENGTHS["county"]


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
    lines = _Edition.of(table).lines_starting_with(code)
    found = [_division(row) for row in csv.reader(lines)]
    if not any(division.code == code for division in found):
        raise UnknownDivision(code=code)
    wanted = CODE_LENGTHS.keys() if levels is None else set(levels)
    found.sort(key=lambda division: len(division.code))
    return (division for division in found if division.level in wanted)


def county_codes(table: Path = TABLE) -> list[str]:
    """The codes of all counties of the country."""
    return sorted(name for name in _Edition.of(table).blocks if name)


def _check(code: str, levels: Collection[str] | None) -> None:
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTHS.values()):
        raise MalformedDivisionCode(code=code)
    unknown = sorted(set(levels or ()) - CODE_LENGTHS.keys())
    if unknown:
        raise UnknownDivisionLevel(level=unknown[0], known=", ".join(CODE_LENGTHS))


@dataclass(frozen=True, slots=True)
class _Edition:
    """The table's lines in blocks, compressed: one of provinces and cities, one a county."""

    blocks: Mapping[str, bytes]

    @staticmethod
    @cache
    def of(table: Path) -> "_Edition":
        lines: defaultdict[str, bytearray] = defaultdict(bytearray)
        with gzip.open(table, "rb") as file:
            next(file, None)  # the headings
            for line in file:
                lines[_block_of(line.split(b",", 1)[0].decode())] += line
        blocks = {name: zlib.compress(some, level=1) for name, some in lines.items()}
        return _Edition(blocks)

    def lines_starting_with(self, prefix: str) -> list[str]:
        names = [_block_of(prefix)]
        if len(prefix) < COUNTY_DIGITS:
            names += [name for name in self.blocks if name and name.startswith(prefix)]
        blocks = (self.blocks[name] for name in names if name in self.blocks)
        lines = (line for block in blocks for line in zlib.decompress(block).decode().splitlines())
        return [line for line in lines if line.startswith(prefix)]


def _block_of(code: str) -> str:
    return code[:COUNTY_DIGITS] if len(code) >= COUNTY_DIGITS else ""


def _division(row: Sequence[str]) -> Division:
    code, name, level, parent = row
    return Division(code, name, level, parent or None)
