"""Numbers that check themselves: identity numbers, credit codes, bank cards.

Sources: GB 11643-1999 with ISO 7064 MOD 11-2, GB 32100-2015, ISO/IEC 7812-1 annex B (Luhn).
"""

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECK_DIGITS = "10X98765432"
CREDIT_CODE_LENGTH = 18
CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals without I, O, S, V and Z; a character counts by its place here."""


def identity_check_digit(number: str) -> str:
    """The check digit that the first 17 digits of an identity number call for."""
    digits = zip(IDENTITY_WEIGHTS, number[:17], strict=True)
    return IDENTITY_CHECK_DIGITS[sum(weight * int(digit) for weight, digit in digits) % 11]


def credit_check_character(body: str) -> str:
    """The last character that belongs to the first 17 of a unified social credit code.

    Raises ValueError for characters that no such code has.
    """
    places = enumerate(CREDIT_CODE_ALPHABET.index(character) for character in body)
    return CREDIT_CODE_ALPHABET[-sum(value * pow(3, place, 31) for place, value in places) % 31]


def is_credit_code(code: str) -> bool:
    """Whether it is a unified social credit code: length, characters and check character."""
    return (
        len(code) == CREDIT_CODE_LENGTH
        and all(character in CREDIT_CODE_ALPHABET for character in code)
        and credit_check_character(code[:-1]) == code[-1]
    )


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others as that of a bank card does."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004
