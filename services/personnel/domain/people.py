"""People: what is recorded of them, and who may see how much of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.errors import InvalidArgument, NotFound, Text, Violation

NAME_LENGTH = 64
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{9,11}")
HIDDEN = "****"

BAD_NAME = Text(
    "A name of 1 to 64 characters is required, without control characters.",
    "姓名须为 1 至 64 个字符,不得含控制字符。",
)
BAD_PHONE = Text(
    "This is no phone number: give 11 digits of a mobile phone, or area code and number.",
    "电话号码无效:请填写 11 位手机号码,或区号加固定电话号码。",
)


class PersonNotFound(NotFound):
    """No such person in the county."""

    reason = "PERSON_NOT_FOUND"
    title = Text("Person not found", "未找到人员")
    detail = Text(
        "There is no person {person_id} in this county.", "本县没有编号为 {person_id} 的人员。"
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in a county. ``phone`` holds digits only, or is None."""

    person_id: UUID
    name: str
    phone: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as the county's people are read: with the username of the account, if any."""

    person: Person
    username: str | None


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """How to reach a person, as it stands now: the only fact that carries personal data."""

    person_id: UUID
    display_name: str
    phone: str | None
    email: str | None


def contact_of(person: Person) -> ContactChanged:
    """The fact that tells how to reach the person."""
    return ContactChanged(person.person_id, person.name, person.phone, None)


def make_person(person_id: UUID, name: str, phone: str, now: datetime) -> Person:
    """A new person. Raises InvalidArgument naming every field at fault; no phone is allowed."""
    faults = []
    plain = name.strip()
    if not plain or len(plain) > NAME_LENGTH or not plain.isprintable():
        faults.append(Violation("/name", BAD_NAME))
    digits = _digits(phone)
    if phone and not (MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits)):
        faults.append(Violation("/phone", BAD_PHONE))
    if faults:
        raise InvalidArgument(faults)
    return Person(person_id, plain, digits or None, now, 1)


def masked(phone: str) -> str:
    """Only the first three and the last four digits: ``138****5678``."""
    return f"{phone[:3]}{HIDDEN}{phone[-4:]}"


def _digits(phone: str) -> str:
    """The number without spaces, hyphens and the country's prefix."""
    plain = re.sub(r"[\s-]", "", phone)
    return re.sub(r"^(\+86|0086)", "", plain)
