"""People from a file: those who are not on record are recorded, and appointed where the row says so.

Everything is done in the caller's transaction, row by row, and all faults are gathered: the caller
rolls the transaction back where there is any, or where only the outcome is wanted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import Account
from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from services.personnel.common.domain.clock import Clock
from services.personnel.common.rows import TOO_MANY_ROWS
from services.personnel.common.usecases import local_day
from services.personnel.people.domain import rows as people_rows
from services.personnel.people.domain.people import Person, PersonEntry, contact_of, make_person
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.domain.rows import Register, details_in, note_faults
from services.personnel.people.store.importing import ImportStore
from services.personnel.people.store.people import PeopleStore
from services.personnel.posts.domain.posts import Place, PostHeldAlready
from services.personnel.posts.store.locks import PlaceLocks
from services.personnel.posts.usecases import appointing as posting
from services.personnel.posts.usecases.permissions import STAFF
from shared.db.transaction import Transaction
from shared.errors import DomainError, InvalidArgument, Violation
from shared.rows import Outcome, Row

NewId = Callable[[], UUID]


@dataclass(slots=True)
class _Work:
    """The import under way: what is known for all rows, and what is to be written."""

    register: Register
    holders: dict[str, UUID]
    grids: dict[str, list[UUID]]
    new_id: NewId
    clock: Clock
    now: datetime
    today: date
    people: dict[UUID, Person] = field(default_factory=dict)
    before: dict[UUID, Person] = field(default_factory=dict)
    accounts: dict[UUID, Account] = field(default_factory=dict)
    posts: list[tuple[Row, UUID, bool]] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)


def import_people(tx: Transaction, rows: Sequence[Row], new_id: NewId, clock: Clock) -> Outcome:
    """Record the people of the rows, give them accounts to be invited to, and appoint them.

    Accounts have no password: their holders choose one when invited. Raises PermissionDenied
    below the county, InvalidArgument for too many rows.
    """
    tx.context.require_county(STAFF)
    if len(rows) > people_rows.MOST_ROWS:
        detail = TOO_MANY_ROWS.format(limit=people_rows.MOST_ROWS)
        raise InvalidArgument([Violation("/rows", detail)])
    tx.store(ImportStore).lock()
    work = _begun(tx, rows, new_id, clock)
    for row in rows:
        _take(work, row)
    if work.outcome.faults:
        _check_posts(tx, work, rows)
        return work.outcome.told
    tx.store(PlaceLocks).lock(_places(work))
    _write(tx, work)
    for row, person_id, changed in work.posts:
        _appoint(tx, work, row, person_id, changed=changed)
    outcome = work.outcome
    if outcome.faults:
        return outcome.told
    counts = {"created": outcome.created, "updated": outcome.updated}
    if any(counts.values()):
        tx.store(AuditStore).add(Act("people.imported", details=counts), work.now)
    return outcome


def _begun(tx: Transaction, rows: Sequence[Row], new_id: NewId, clock: Clock) -> _Work:
    """All that the rows are checked against, in a constant number of questions."""
    now = clock()
    numbers, phones = people_rows.numbers_of(rows)
    entries = [
        *tx.store(PeopleStore).having(SealedField.PHONE, phones),
        *tx.store(PeopleStore).having(SealedField.IDENTITY_NUMBER, numbers),
        *tx.store(PeopleStore).some(people_rows.person_ids(rows)),
    ]
    usernames = {accounts.username_key(row.cell("username")) for row in rows} - {""}
    codes = {row.cell("grid_code") for row in rows} - {""}
    return _Work(
        register=Register(entries),
        holders=tx.store(ImportStore).holders(usernames),
        grids=tx.store(ImportStore).grids(codes, now),
        new_id=new_id,
        clock=clock,
        now=now,
        today=local_day(tx, now),
    )


def _take(work: _Work, row: Row) -> None:
    """Read the row, and note what it asks for or what is wrong with it."""
    faults = _place_faults(work, row)
    try:
        given = make_person(work.new_id(), details_in(row), work.now, work.today)
    except InvalidArgument as error:
        note_faults(work.outcome, row, [*error.violations, *faults])
        return
    known = work.register.find(given, row)
    if row.cell("person_id"):
        faults += [] if known else [Violation("/person_id", people_rows.NOT_ON_RECORD)]
    elif given.phone is None and given.identity_number is None:
        faults.append(Violation("/phone", people_rows.UNKNOWABLE))
    if known is not None:
        faults += work.register.contradictions(known.person, given, row)
    person = given if known is None else people_rows.completed(known.person, given)
    username = row.cell("username")
    faults += _username_faults(work, person, known, username)
    if faults:
        note_faults(work.outcome, row, faults)
        return
    changed = _note(work, row, known, person)
    work.posts.append((row, person.person_id, changed))


def _note(work: _Work, row: Row, known: PersonEntry | None, person: Person) -> bool:
    """Note the person and the account as they are to be; whether that is a change."""
    username, key = row.cell("username"), accounts.username_key(row.cell("username"))
    opens_account = bool(username) and (known is None or known.username is None)
    is_changed = known is None or person != known.person
    if known is None:
        work.register.note(person, row)
    elif person.person_id not in work.people:
        work.before[person.person_id] = known.person
    if is_changed:
        is_new = person.person_id not in work.before
        work.people[person.person_id] = replace(person, version=1) if is_new else person
    if opens_account:
        work.accounts[person.person_id] = Account(
            work.new_id(), person.person_id, username, None, frozenset(), work.now
        )
        work.holders[key] = person.person_id
    name = username or (known.username if known is not None else None)
    work.register.keep(PersonEntry(person, name))
    return is_changed or opens_account


def _username_faults(
    work: _Work, person: Person, known: PersonEntry | None, username: str
) -> list[Violation]:
    if not username:
        return []
    key = accounts.username_key(username)
    if not accounts.is_username(username):
        return [Violation("/username", accounts.BAD_USERNAME)]
    if work.holders.get(key, person.person_id) != person.person_id:
        return [Violation("/username", people_rows.USERNAME_OF_ANOTHER)]
    if known is not None and known.username and accounts.username_key(known.username) != key:
        return [Violation("/username", people_rows.HAS_OTHER_USERNAME)]
    return []


def _place_faults(work: _Work, row: Row) -> list[Violation]:
    code = row.cell("grid_code")
    if not row.cell("role_type"):
        if code or row.cell("department_id"):
            return [Violation("/role_type", people_rows.PLACE_WITHOUT_ROLE)]
        return []
    found = work.grids.get(code, [])
    if code and len(found) != 1:
        sentence = people_rows.GRIDS_OF_CODE if found else people_rows.NO_GRID_OF_CODE
        return [Violation("/grid_id", sentence.format(code=code))]
    return []


def _write(tx: Transaction, work: _Work) -> None:
    """Write people and accounts, and emit how the people are reached."""
    for person_id, person in work.people.items():
        before = work.before.get(person_id)
        if before is None:
            tx.store(PeopleStore).add(person)
        else:
            tx.store(PeopleStore).save(person, before.version)
        if before is None or contact_of(before) != contact_of(person):
            tx.outbox.add(contact_of(person), subject=person_id, sequence=person.version)
    tx.store(ImportStore).add_accounts(list(work.accounts.values()))
    for person_id in work.accounts:
        tx.store(AuditStore).add(
            Act("account.created", person_id, details={"by_import": True}), work.now
        )


def _places(work: _Work) -> set[tuple[str, Place]]:
    """Where the rows appoint: roles at places."""
    asked = [_asked(work, row, person_id) for row, person_id, _ in work.posts]
    return {
        (each.role_type, Place(each.grid_id, None, each.department_id))
        for each in asked
        if each.role_type
    }


def _check_posts(tx: Transaction, work: _Work, rows: Sequence[Row]) -> None:
    """Find what is wrong with posts too, though nothing will be written for other faults."""
    for row in rows:
        if row.cell("role_type") and not _place_faults(work, row):
            try:
                posting.fit(tx, _asked(work, row, work.new_id()), work.now)
            except InvalidArgument as error:
                note_faults(work.outcome, row, error.violations)


def _appoint(tx: Transaction, work: _Work, row: Row, person_id: UUID, *, changed: bool) -> None:
    appointed = False
    if row.cell("role_type"):
        try:
            posting.assign_post(tx, _asked(work, row, person_id), work.clock)
            appointed = True
        except PostHeldAlready:
            appointed = False
        except InvalidArgument as error:
            note_faults(work.outcome, row, error.violations)
        except DomainError as error:
            work.outcome.fault(row, "role_type", error.text)
    created = person_id in work.people and person_id not in work.before
    if appointed or (created and changed):
        work.outcome.created += 1
    elif changed:
        work.outcome.updated += 1
    else:
        work.outcome.unchanged += 1


def _asked(work: _Work, row: Row, person_id: UUID) -> posting.Appointment:
    found = work.grids.get(row.cell("grid_code"), [])
    return posting.Appointment(
        post_id=work.new_id(),
        person_id=person_id,
        role_type=row.cell("role_type"),
        grid_id=found[0] if found else None,
        department_id=row.cell("department_id") or None,
        valid_from=None,
        valid_to=None,
    )
