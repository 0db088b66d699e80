"""Unified social credit codes (GB 32100-2015): 18 characters, the last of which checks the others."""

from shared.errors import Text

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals without I, O, S, V and Z; a character counts by its place here."""
FAULT = Text(
    "This is no unified social credit code: it has 18 characters, and the last checks the others.",
    "统一社会信用代码有误:应为18位,且校验码须相符。",
)


def normal(code: str) -> str:
    """The code as it is kept: in capitals, without spaces."""
    return "".join(code.split()).upper()


def check_character(body: str) -> str:
    """The last character that belongs to the first 17. Raises ValueError for others than ALPHABET's."""
    total = sum(ALPHABET.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether the code has the right length and characters, and its last one fits."""
    return (
        len(code) == LENGTH
        and all(each in ALPHABET for each in code)
        and check_character(code[:-1]) == code[-1]
    )
