"""Reading what is masked, changing what is known of a person, and the audit of both."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from services.personnel.common.usecases import local_day
from services.personnel.people.domain import personal_data
from services.personnel.people.domain.people import PersonEntry, amended, contact_of, details_of
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.store.people import PeopleStore
from services.personnel.people.usecases.people import reached, require_own_identity_number, shown
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.usecases.permissions import STAFF
from services.personnel.roster.domain import PersonNotFound
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation, require_version


def reveal(
    tx: Transaction,
    person_id: UUID,
    fields: Collection[str],
    reason: str,
    now: datetime,
) -> dict[SealedField, str]:
    """The fields asked for, unmasked; what is not on record is left out. The reading is audited.

    Raises InvalidArgument, PermissionDenied unless the caller staffs the whole county,
    PersonNotFound.
    """
    wanted, why = _asked(fields, reason)
    tx.context.require_county(STAFF)
    entry = tx.store(PeopleStore).find(person_id)
    if entry is None:
        raise PersonNotFound(person_id=person_id)
    tx.store(AuditStore).add(
        Act("person.revealed", person_id, why, {"fields": sorted(wanted)}), now
    )
    found = {field: getattr(entry.person, field) for field in wanted}
    return {field: value for field, value in found.items() if value is not None}


def update_person(
    tx: Transaction,
    person_id: UUID,
    changes: Mapping[str, str],
    expected_version: int,
    now: datetime,
) -> PersonEntry:
    """Change what ``changes`` name of a person; an empty text takes a value away.

    ``expected_version`` 0 expects none. Raises PersonNotFound, PermissionDenied, Aborted,
    InvalidArgument naming every field at fault, IdentityNumberTaken.
    """
    before = reached(tx, person_id)
    require_version(expected_version, before.person.version)
    details = replace(details_of(before.person), **changes)
    person = amended(before.person, details, local_day(tx, now))
    require_own_identity_number(tx, person)
    tx.store(PeopleStore).save(person, before.person.version)
    tx.store(AuditStore).add(
        Act("person.updated", person_id, details={"fields": sorted(changes)}), now
    )
    if contact_of(person) != contact_of(before.person):
        tx.outbox.add(contact_of(person), subject=person_id, sequence=person.version)
    return shown(tx, replace(before, person=person))


def look_up(tx: Transaction, field: SealedField, value: str) -> list[PersonEntry]:
    """Those within reach of the caller's staff capability whose field has exactly this value."""
    found = tx.store(PeopleStore).having(field, [value], Viewer.of(tx.context, STAFF))
    return [shown(tx, each) for each in found]


def _asked(fields: Collection[str], reason: str) -> tuple[set[SealedField], str]:
    known = {field.value for field in SealedField}
    names = personal_data.NO_FIELD.format(fields=", ".join(sorted(known)))
    faults = [
        Violation(f"/fields/{place}", names)
        for place, name in enumerate(fields)
        if name not in known
    ]
    if not fields:
        faults.append(Violation("/fields", names))
    why = reason.strip()
    if len(why) not in personal_data.REASON_LENGTHS:
        faults.append(Violation("/reason", personal_data.NO_REASON))
    if faults:
        raise InvalidArgument(faults)
    return {SealedField(name) for name in fields}, why
