"""People and their accounts."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import Account, UsernameTaken
from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from services.personnel.common.usecases import local_day
from services.personnel.people.domain.people import (
    Details,
    PeopleFilter,
    Person,
    PersonEntry,
    contact_of,
    make_person,
    masked,
)
from services.personnel.people.domain.personal_data import IdentityNumberTaken, SealedField
from services.personnel.people.store.people import PeopleStore
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.usecases.permissions import STAFF, may_staff
from services.personnel.roster.domain import PersonNotFound
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Violation
from shared.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What a request says of a new person. Without username and password there is no account."""

    person_id: UUID
    account_id: UUID
    name: str
    phone: str = ""
    username: str = ""
    password: str = ""
    roles: frozenset[str] = frozenset()
    must_change: bool = True
    """Whether the password is somebody else's choice, to be replaced by one's own."""
    identity_number: str = ""
    employer: str = ""
    force_source: str = ""

    @property
    def details(self) -> Details:
        """What it says of the person."""
        return Details(
            self.name, self.phone, self.identity_number, self.employer, self.force_source
        )


def create_person(
    tx: Transaction, hasher: PasswordHasher, new: NewPerson, now: datetime
) -> PersonEntry:
    """Record a person, with an account where a username is given.

    Raises InvalidArgument naming every field at fault, UsernameTaken, IdentityNumberTaken.
    """
    person = _checked(tx, new, now)
    require_own_identity_number(tx, person)
    if (
        new.username
        and tx.store(AccountStore).find(accounts.username_key(new.username)) is not None
    ):
        raise UsernameTaken(username=new.username)
    tx.store(PeopleStore).add(person)
    if new.username:
        tx.store(AccountStore).add(
            Account(
                account_id=new.account_id,
                person_id=new.person_id,
                username=new.username,
                password_hash=hasher.hash(new.password),
                roles=new.roles,
                created_at=now,
                must_change=new.must_change,
            )
        )
        tx.store(AuditStore).add(
            Act("account.created", new.person_id, details={"by_password": True}), now
        )
    tx.outbox.add(contact_of(person), subject=person.person_id, sequence=person.version)
    return shown(tx, PersonEntry(person, new.username or None))


def set_password(
    tx: Transaction,
    hasher: PasswordHasher,
    account: Account,
    password: str,
    now: datetime,
) -> None:
    """Give the account another password, which its holder knows, and end its sessions.

    Raises InvalidArgument.
    """
    if faults := accounts.account_faults(account.username, password):
        raise InvalidArgument(faults)
    tx.store(AccountStore).choose_password(account.account_id, hasher.hash(password))
    tx.store(SessionStore).end_all(account.account_id, now)


def get_person(tx: Transaction, person_id: UUID) -> PersonEntry:
    """One person, for themselves and for those who staff where the person is posted.

    Raises PersonNotFound, PermissionDenied.
    """
    if person_id != tx.context.actor_id and not tx.context.capabilities.get(STAFF):
        raise PermissionDenied(capability=STAFF)
    return shown(tx, reached(tx, person_id))


def reached(tx: Transaction, person_id: UUID) -> PersonEntry:
    """The person unmasked, within reach of the caller's staff capability, or the caller's own self.

    Raises PersonNotFound, PermissionDenied.
    """
    entry = tx.store(PeopleStore).find(person_id)
    if entry is None:
        raise PersonNotFound(person_id=person_id)
    if not may_staff(tx, person_id):
        raise PermissionDenied(capability=STAFF)
    return entry


def list_people(tx: Transaction, wanted: PeopleFilter, asked: PageRequest) -> Page[PersonEntry]:
    """The people whom the caller may staff, in the order recorded."""
    entries = tx.store(PeopleStore).page(Viewer.of(tx.context, STAFF), wanted, asked)
    return entries.map(lambda entry: shown(tx, entry))


def shown(tx: Transaction, entry: PersonEntry) -> PersonEntry:
    """The entry, its phone and identity number masked unless they are the caller's own."""
    if entry.person.person_id == tx.context.actor_id:
        return entry
    return replace(entry, person=masked(entry.person))


def require_own_identity_number(tx: Transaction, person: Person) -> None:
    """Raise IdentityNumberTaken where another person of the county has the identity number."""
    number = person.identity_number
    if number is None:
        return
    others = tx.store(PeopleStore).having(SealedField.IDENTITY_NUMBER, [number])
    if any(other.person.person_id != person.person_id for other in others):
        raise IdentityNumberTaken


def _checked(tx: Transaction, new: NewPerson, now: datetime) -> Person:
    """The person, when the account's fields are good as well; all faults are named at once."""
    faults: list[Violation] = []
    if new.username:
        faults += accounts.account_faults(new.username, new.password)
    elif new.password:
        faults.append(Violation("/username", accounts.PASSWORD_WITHOUT_USERNAME))
    try:
        person = make_person(new.person_id, new.details, now, local_day(tx, now))
    except InvalidArgument as error:
        raise InvalidArgument([*error.violations, *faults]) from None
    if faults:
        raise InvalidArgument(faults)
    return person
