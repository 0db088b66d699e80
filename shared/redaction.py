"""Personal data in free text: found by its form, masked, and counted by kind.

A number is looked for in a reading of the text in which full-width characters are plain, every kind
of space and dash is one, and invisible characters are gone; what is masked is the passage as it
stands. Repetitions in patterns are bounded or possessive, so that matching takes time in proportion
to the length of the text.

Sources: GB 11643 (identity numbers), GB 32100 (credit codes), the numbering plan of the Ministry of
Industry and Information Technology (phones), GA 36 (plates of vehicles).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from shared import numbers

MASK = "***"
BLANK = "*"
FIRST_YEAR_OF_NUMBERING = 2020
"""Codes of cases and ledgers hold a date of this year or a later one where an identity number
holds the day of birth."""

_GAP = r"[ \-/]{0,2}"
"""What people write between two digits of one number."""
_PREFIX = rf"(?:(?:\+|0{_GAP}0)?{_GAP}8{_GAP}6[ \-/]{{0,6}})?"
_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_DASHES = frozenset("‐‑‒–—―−﹣－〜～~")
_CASE_NUMBER = re.compile(r"\d{6}-(\d{8})-\d{4}")
_CREDIT_CODE = re.compile(f"{_START}[0-9A-Ya-y]{{18}}{_END}")
_NUMBERED = re.compile(
    r"(?:台账|编号|案件|案号|单号|文号|受理号|信用代码|注册号|许可证)[^0-9A-Za-z]{0,8}"
    r"([0-9A-Za-z][0-9A-Za-z\-]{5,40})"
)
_IDENTITY_WORD = re.compile(r"(?:身份证|身份号码|证件)[^0-9A-Za-z]{0,8}$")
_CREDIT_WORD = re.compile(r"信用代码[^0-9A-Za-z]{0,8}$")
_CARD_WORD = re.compile(r"(?:卡号|账号|账户|银行卡|储蓄卡|信用卡)[^0-9A-Za-z]{0,8}$")
_HARMLESS = re.compile(
    r"[\u4e00-\u9fff\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f\s!\"#$%&'()*+,\-./:;<=>?]*"
)
"""Chinese characters and punctuation without any digit or Latin letter: no pattern can match."""
_WORD_REACH = 16
"""How many characters before a number are searched for the word that says what it is."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and how many passages of each kind were masked."""

    text: str
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The text as patterns read it, and where each of its characters stands in the original."""

    text: str
    places: list[int]
    kept: tuple[tuple[int, int], ...]
    """Spans of public codes: credit codes, and numbers that a word before them calls such."""

    def is_kept(self, match: re.Match[str]) -> bool:
        return any(start <= match.start() and match.end() <= end for start, end in self.kept)

    def without(self, spans: list[tuple[int, int]]) -> "_Reading":
        """The reading with these spans blank, so that no other kind is found there."""
        if not spans:
            return self
        parts, end = [], 0
        for first, last in spans:
            parts += [self.text[end:first], BLANK * (last - first)]
            end = last
        return replace(self, text="".join([*parts, self.text[end:]]))

    def before(self, match: re.Match[str]) -> str:
        return self.text[max(0, match.start() - _WORD_REACH) : match.start()]


Check = Callable[[_Reading, re.Match[str]], bool]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A form of personal data. Where the pattern has groups, the one that matched is masked."""

    pattern: re.Pattern[str]
    holds: Check = lambda _reading, _match: True


def _is_identity_number(reading: _Reading, match: re.Match[str]) -> bool:
    number = re.sub(r"[ \-/]", "", match[0]).upper()
    if (born := _day(number[6:14])) is None:
        return False
    checks = numbers.identity_check_digit(number) == number[17]
    if _IDENTITY_WORD.search(reading.before(match)):
        return True
    if born.year < FIRST_YEAR_OF_NUMBERING:
        called_a_code = _CREDIT_WORD.search(reading.before(match))
        return checks or not (called_a_code and numbers.is_credit_code(number))
    return checks and not reading.is_kept(match) and not _CASE_NUMBER.fullmatch(match[0])


def _is_old_identity_number(_reading: _Reading, match: re.Match[str]) -> bool:
    number = re.sub(r"[ \-/]", "", match[0])
    return _day(f"19{number[6:12]}") is not None


def _is_bank_card(reading: _Reading, match: re.Match[str]) -> bool:
    number = re.sub(r"[ \-]", "", match[0])
    if _CARD_WORD.search(reading.before(match)):
        return True
    if reading.is_kept(match):
        return False
    return number.startswith("62") or numbers.passes_luhn(number)


KINDS = {
    # The longer number first: an identity number holds what looks like a phone number.
    "identity_number": (
        _Kind(
            re.compile(rf"{_START}[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx]{_END}"), _is_identity_number
        ),
        _Kind(
            re.compile(rf"{_START}[1-9]\d{{5}}{_GAP}\d{{6}}{_GAP}\d{{3}}{_END}"),
            _is_old_identity_number,
        ),
        _Kind(
            re.compile(rf"{_START}[A-Z]{{3}}\d{{12}}{_END}")
        ),  # permanent residence of foreigners
    ),
    "bank_card": (
        _Kind(
            re.compile(rf"{_START}(?:\d{{16,19}}|(?:\d{{4}}[ \-]{{1,2}}){{3,4}}\d{{1,4}}){_END}"),
            _is_bank_card,
        ),
    ),
    "phone": (
        _Kind(re.compile(rf"{_START}{_PREFIX}1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")),
        _Kind(re.compile(rf"{_START}1[3-9]\d\.\d{{4}}\.\d{{4}}(?!\d)")),
        _Kind(
            re.compile(
                rf"(?<![0-9A-Za-z.])\(?{_PREFIX}\(?0(?:{_GAP}\d){{2,3}}{_GAP}\)?"
                rf"{_GAP}\d(?:{_GAP}\d){{5,7}}(?!\d)"
            )
        ),
    ),
    "email": (
        _Kind(
            re.compile(
                r"(?<![A-Za-z0-9_.+\-])[A-Za-z0-9_.+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)+"
            )
        ),
    ),
    "plate": (
        _Kind(
            re.compile(
                rf"[{_PROVINCES}][A-Z][· \-]{{0,2}}[A-Z0-9]{{4,5}}[A-Z0-9挂学警港澳领超]"
                rf"|[{_PROVINCES}][A-Z]?[· \-]?\d{{4,5}}(?:应急|领)"
                rf"|{_START}WJ[· \-]?[{_PROVINCES}]?[· \-]?\d{{4,5}}[0-9A-Z]?"
                r"|使\d{6}(?!\d)|(?<!\d)\d{6}使|[军空海北沈兰济南广成][A-Z][· \-]?\d{5}(?!\d)"
            )
        ),
        _Kind(re.compile(r"(?:车牌|号牌|牌照|车号)[^0-9A-Za-z]{0,4}([A-Z]{2}[· \-]?\d{5})(?!\d)")),
    ),
    "passport": (
        _Kind(re.compile(rf"{_START}(?:[EeGg]\d{{8}}|[Ee][A-Za-z]\d{{7}}){_END}")),
        _Kind(re.compile(rf"护照[^0-9A-Za-z]{{0,6}}([0-9A-Za-z]{{7,10}}){_END}")),
    ),
    "travel_permit": (
        _Kind(re.compile(rf"{_START}[HMhm]\d{{8}}(?:\d{{2}})?{_END}")),
        _Kind(
            re.compile(
                rf"(?:通行证|回乡证|台胞证)[^0-9A-Za-z]{{0,6}}([A-Za-z]{{0,2}}\d{{7,10}}){_END}"
            )
        ),
    ),
    "instant_messenger": (
        _Kind(
            re.compile(
                r"(?<![0-9A-Za-z])[Qq]{2}(?:群|号码|号)?[^0-9A-Za-z]{0,4}([1-9]\d{4,11})(?!\d)"
            )
        ),
        _Kind(
            re.compile(
                r"(?:微信|(?<![0-9A-Za-z])(?:[Ww]e[Cc]hat|[Ww]eixin|[VvWw][Xx])|[Vv]信)"
                r"(?:群|号码|号)?[^0-9A-Za-z]{0,4}([A-Za-z][A-Za-z0-9_\-]{5,19})"
            )
        ),
    ),
    "house_number": (
        _Kind(
            re.compile(
                r"(?:路|街|巷|弄|里|道|胡同|村|组|屯|庄|小区|社区|花园|大院)[ ]?"
                r"(\d{1,5}(?:-\d{1,4}){0,3}号(?:院|门)?(?:[ ]?\d{1,3}(?:号楼|栋|幢|座))?"
                r"(?:[ ]?\d{1,2}单元)?(?:[ ]?\d{1,4}(?:室|户|房))?)"
            )
        ),
        _Kind(
            re.compile(r"(\d{1,3}(?:号楼|栋|幢|座)[ ]?(?:\d{1,2}单元[ ]?)?\d{1,4}(?:室|户|房|号))")
        ),
    ),
}
NUMBERS_OF_PEOPLE = (
    "identity_number",
    "bank_card",
    "phone",
    "passport",
    "travel_permit",
    "instant_messenger",
)
"""Kinds that lead to one person; events carry them masked (ADR 10)."""


def redact(
    text: str, *, words: Iterable[str] = (), kinds: Iterable[str] = tuple(KINDS)
) -> Redacted:
    """Mask every passage that looks like personal data of the ``kinds``, and all ``words``.

    ``words`` are names that a reader has pointed out; no pattern finds a Chinese name safely.
    """
    counts: Counter[str] = Counter()
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        counts["name"] += text.count(word)
        text = text.replace(word, MASK)
    if _HARMLESS.fullmatch(text):
        return Redacted(text, +counts)
    reading, spans = _read(text), []
    for name in kinds:
        for kind in KINDS[name]:
            found = _found(reading, kind)
            counts[name] += len(found)
            spans += found
            reading = reading.without(found)
    return Redacted(_masked(text, reading.places, sorted(spans)), +counts)


def _found(reading: _Reading, kind: _Kind) -> list[tuple[int, int]]:
    return [
        match.span(match.lastindex or 0)
        for match in kind.pattern.finditer(reading.text)
        if kind.holds(reading, match)
    ]


def _masked(text: str, places: list[int], spans: list[tuple[int, int]]) -> str:
    parts, end = [], 0
    for first, last in spans:
        parts += [text[end : places[first]], MASK]
        end = places[last - 1] + 1
    return "".join([*parts, text[end:]])


def _read(text: str) -> _Reading:
    plain = [_plain(character) for character in text]
    places = [place for place, character in enumerate(plain) if character]
    plain_text = "".join(plain)
    return _Reading(plain_text, places, tuple(_kept(plain_text)))


def _kept(text: str) -> list[tuple[int, int]]:
    codes = [
        match.span()
        for match in _CREDIT_CODE.finditer(text)
        if numbers.is_credit_code(match[0].upper())
    ]
    return codes + [match.span(1) for match in _NUMBERED.finditer(text)]


@cache
def _plain(character: str) -> str:
    """The character as patterns read it; nothing for one that does not show."""
    if character.isascii():
        return " " if character in "\t\n\r" else character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category == "Pd" or character in _DASHES:
        return "-"
    if category in ("Cf", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def _day(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if 1850 <= day.year <= 2100 else None  # noqa: PLR2004 - years that people live in
