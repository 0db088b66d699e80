"""Phone and identity numbers: when they are valid, and how they are masked."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

from shared.errors import AlreadyExists, Text
from shared.numbers import identity_check_digit

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{9,11}")
IDENTITY_NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
FIRST_BIRTH_YEAR = 1900
HIDDEN = "****"

BAD_PHONE = Text(
    "This is no phone number: give 11 digits of a mobile phone, or area code and number.",
    "电话号码无效:请填写 11 位手机号码,或区号加固定电话号码。",
)
BAD_IDENTITY_NUMBER = Text(
    "This is no identity number: 18 characters with a real date of birth and a right check digit.",
    "公民身份号码无效:应为 18 位,出生日期真实且校验码正确。",
)
IDENTITY_IN_USE = Text(
    "Another person of the county has this identity number.", "本县已有人员使用该公民身份号码。"
)
NO_FIELD = Text("Name one of: {fields}.", "应为以下之一:{fields}。")
NO_REASON = Text(
    "Say in 4 to 200 characters why this must be read.", "请用 4 至 200 个字符说明查看理由。"
)
REASON_LENGTHS = range(4, 201)


class SealedField(StrEnum):
    """What is kept encrypted of a person, by the name of the person's attribute."""

    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"


class IdentityNumberTaken(AlreadyExists):
    """Another person of the county has the identity number."""

    reason = "IDENTITY_NUMBER_TAKEN"
    title = Text("Identity number on record already", "公民身份号码已登记")
    detail = Text(
        "Another person of this county has this identity number; look that person up instead.",
        "本县已有人员使用该公民身份号码,请查找该人员。",
    )


def plain_phone(phone: str) -> str:
    """The number as it is kept: without spaces, hyphens and the country's prefix."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", phone))
    return re.sub(r"^(\+86|0086)", "", plain)


def is_phone(plain: str) -> bool:
    """Whether it is a mobile's number, or one of a landline with its area code."""
    return bool(MOBILE.fullmatch(plain) or LANDLINE.fullmatch(plain))


def plain_identity_number(number: str) -> str:
    """The number as it is kept: without spaces, its check character a capital."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).upper()


def is_identity_number(plain: str, today: date) -> bool:
    """Whether it is a citizen's number by GB 11643: a day of birth that was, and its check digit."""
    if not (plain.isascii() and IDENTITY_NUMBER.fullmatch(plain)):
        return False
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return False
    return (
        born.year >= FIRST_BIRTH_YEAR and born <= today and identity_check_digit(plain) == plain[17]
    )


def masked_phone(phone: str) -> str:
    """Only the first three and the last four digits: ``138****5678``."""
    return f"{phone[:3]}{HIDDEN}{phone[-4:]}"


def masked_identity_number(number: str) -> str:
    """Only the first three and the last four characters: ``110***********1234``."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
