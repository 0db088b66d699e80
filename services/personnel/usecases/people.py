"""People and their accounts."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.domain import accounts
from services.personnel.domain.accounts import Account, UsernameTaken
from services.personnel.domain.people import (
    Person,
    PersonEntry,
    PersonNotFound,
    contact_of,
    make_person,
    masked,
)
from services.personnel.domain.posts import Viewer
from services.personnel.ports import PasswordHasher, PersonnelTransaction
from shared.errors import InvalidArgument, PermissionDenied, Violation

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is told of somebody new. Without username and password there is no account."""

    person_id: UUID
    account_id: UUID
    name: str
    phone: str = ""
    username: str = ""
    password: str = ""
    roles: frozenset[str] = frozenset()


def create_person(
    tx: PersonnelTransaction, hasher: PasswordHasher, new: NewPerson, now: datetime
) -> PersonEntry:
    """Record a person, with an account where a username is given.

    Raises InvalidArgument naming every field at fault, UsernameTaken.
    """
    person = _checked(new, now)
    if new.username and tx.accounts.find(accounts.username_key(new.username)) is not None:
        raise UsernameTaken(username=new.username)
    tx.people.add(person)
    if new.username:
        tx.accounts.add(
            Account(
                account_id=new.account_id,
                person_id=new.person_id,
                username=new.username,
                password_hash=hasher.hash(new.password),
                roles=new.roles,
                created_at=now,
            )
        )
    tx.outbox.add(contact_of(person), subject=person.person_id, sequence=person.version)
    return shown(tx, PersonEntry(person, new.username or None))


def set_password(
    tx: PersonnelTransaction,
    hasher: PasswordHasher,
    account: Account,
    password: str,
    now: datetime,
) -> None:
    """Give the account another password and end its sessions. Raises InvalidArgument."""
    if faults := accounts.account_faults(account.username, password):
        raise InvalidArgument(faults)
    tx.accounts.keep_hash(account.account_id, hasher.hash(password))
    tx.sessions.end_all(account.account_id, now)


def get_person(tx: PersonnelTransaction, person_id: UUID) -> PersonEntry:
    """One person, for themselves and for those who staff where the person is posted.

    Raises PersonNotFound, PermissionDenied.
    """
    viewer = Viewer.of(tx.context, STAFF)
    if person_id != tx.context.actor_id and not tx.context.capabilities.get(STAFF):
        raise PermissionDenied(capability=STAFF)
    entry = tx.people.find(person_id)
    if entry is None:
        raise PersonNotFound(person_id=person_id)
    if not tx.people.is_within(person_id, viewer):
        raise PermissionDenied(capability=STAFF)
    return shown(tx, entry)


def list_people(tx: PersonnelTransaction, after: UUID | None, limit: int) -> list[PersonEntry]:
    """The people whom the caller may staff, in the order recorded."""
    entries = tx.people.page(Viewer.of(tx.context, STAFF), after, limit)
    return [shown(tx, entry) for entry in entries]


def shown(tx: PersonnelTransaction, entry: PersonEntry) -> PersonEntry:
    """The entry as the caller may see it: the phone only for those who staff the whole county."""
    phone = entry.person.phone
    if phone is None or tx.context.may_county(STAFF):
        return entry
    return replace(entry, person=replace(entry.person, phone=masked(phone)))


def _checked(new: NewPerson, now: datetime) -> Person:
    """The person, when the account's fields are good as well; all faults are told at once."""
    faults: list[Violation] = []
    if new.username:
        faults += accounts.account_faults(new.username, new.password)
    elif new.password:
        faults.append(Violation("/username", accounts.PASSWORD_WITHOUT_USERNAME))
    try:
        person = make_person(new.person_id, new.name, new.phone, now)
    except InvalidArgument as error:
        raise InvalidArgument([*error.violations, *faults]) from None
    if faults:
        raise InvalidArgument(faults)
    return person
