"""People: what is recorded of them, and who may see how much of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.personnel.people.domain import personal_data
from shared.contracts.personnel import ContactChanged
from shared.errors import InvalidArgument, Text, Violation

NAME_LENGTH = 64

BAD_NAME = Text(
    "A name of 1 to 64 characters is required, without control characters.",
    "姓名须为 1 至 64 个字符,不得含控制字符。",
)
BAD_UNIT = Text(
    "At most 64 characters, without control characters.", "不超过 64 个字符,不得含控制字符。"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person who works in a county. ``phone`` holds digits only, or is None.

    ``employer`` is the unit that the person belongs to; ``force_source`` says from which force
    the person was sent into the grids, such as a district bureau or a team of helpers.
    """

    person_id: UUID
    name: str
    phone: str | None
    created_at: datetime
    version: int
    identity_number: str | None = None
    employer: str | None = None
    force_source: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What a request says of a person, as it was written; an empty text states nothing."""

    name: str
    phone: str = ""
    identity_number: str = ""
    employer: str = ""
    force_source: str = ""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are wanted; a part that is None or False excludes nothing.

    ``name`` is a part of the name; a post counts where it is in force at ``moment``.
    """

    moment: datetime
    name: str | None = None
    role_type: str | None = None
    without_post: bool = False


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person with the username of the account, if there is one."""

    person: Person
    username: str | None


def contact_of(person: Person) -> ContactChanged:
    """The event that states how to reach the person."""
    return ContactChanged(
        person_id=person.person_id, display_name=person.name, phone=person.phone, email=None
    )


def make_person(person_id: UUID, details: Details, now: datetime, today: date) -> Person:
    """A new person. Raises InvalidArgument naming every field at fault.

    ``today`` is the county's present day: nobody was born after it.
    """
    return _described(Person(person_id, "", None, now, 1), details, today)


def amended(person: Person, details: Details, today: date) -> Person:
    """The person with these details, one version on.

    Raises InvalidArgument naming every field at fault.
    """
    return replace(_described(person, details, today), version=person.version + 1)


def masked(person: Person) -> Person:
    """The person with phone and identity number masked."""
    phone, number = person.phone, person.identity_number
    return replace(
        person,
        phone=phone and personal_data.masked_phone(phone),
        identity_number=number and personal_data.masked_identity_number(number),
    )


def details_of(person: Person) -> Details:
    """The person's details, to be changed."""
    return Details(
        name=person.name,
        phone=person.phone or "",
        identity_number=person.identity_number or "",
        employer=person.employer or "",
        force_source=person.force_source or "",
    )


def _described(person: Person, details: Details, today: date) -> Person:
    faults = []
    name = details.name.strip()
    if not name or not _fits(name):
        faults.append(Violation("/name", BAD_NAME))
    phone = personal_data.plain_phone(details.phone)
    if details.phone and not personal_data.is_phone(phone):
        faults.append(Violation("/phone", personal_data.BAD_PHONE))
    number = personal_data.plain_identity_number(details.identity_number)
    if details.identity_number and not personal_data.is_identity_number(number, today):
        faults.append(Violation("/identity_number", personal_data.BAD_IDENTITY_NUMBER))
    employer, force_source = details.employer.strip(), details.force_source.strip()
    for pointer, text in (("/employer", employer), ("/force_source", force_source)):
        if not _fits(text):
            faults.append(Violation(pointer, BAD_UNIT))
    if faults:
        raise InvalidArgument(faults)
    return replace(
        person,
        name=name,
        phone=phone or None,
        identity_number=number or None,
        employer=employer or None,
        force_source=force_source or None,
    )


def _fits(text: str) -> bool:
    return len(text) <= NAME_LENGTH and text.isprintable()
