"""Recording certificates, suspending and revoking them, and checking who is certified."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.personnel.certificates import domain as certificates
from services.personnel.certificates.domain import (
    UNKNOWN_PERSON,
    Certificate,
    CertificateDetails,
    CertificateQuery,
    Certification,
    NumberTaken,
    State,
    Step,
    StepKind,
    StepNotAllowed,
)
from services.personnel.certificates.store import CertificateStore
from services.personnel.common import rows
from services.personnel.common.rows import People
from services.personnel.common.usecases import local_day
from services.personnel.posts.domain.posts import READ, Viewer
from services.personnel.posts.store.permissions import PermissionStore
from services.personnel.posts.usecases.permissions import STAFF, may_staff
from services.personnel.roster.rows import people_in
from services.personnel.roster.store import RosterStore
from shared.db.transaction import Transaction
from shared.errors import (
    DomainError,
    InvalidArgument,
    PermissionDenied,
    Text,
    Violation,
    require_version,
)
from shared.paging import Page, PageRequest
from shared.rows import Outcome, Row


def record_certificate(
    tx: Transaction,
    certificate_id: UUID,
    person_id: UUID,
    details: CertificateDetails,
    now: datetime,
) -> Certificate:
    """Record a person's certificate.

    Raises InvalidArgument naming every fault, PermissionDenied where the caller does not staff
    the person, NumberTaken.
    """
    name = tx.store(RosterStore).names([person_id]).get(person_id)
    if name is None:
        raise InvalidArgument([Violation("/person_id", UNKNOWN_PERSON)])
    _require_staff_over(tx, person_id)
    today = local_day(tx, now)
    made = certificates.make_certificate(certificate_id, person_id, details, today)
    if tx.store(CertificateStore).numbered([made.number], now):
        raise NumberTaken(number=made.number)
    tx.store(CertificateStore).add([made])
    tx.outbox.add(certificates.changed(made, today), subject=certificate_id, sequence=1)
    return replace(made, person_name=name)


def amend_certificate(
    tx: Transaction,
    certificate_id: UUID,
    details: CertificateDetails,
    expected_version: int,
    now: datetime,
) -> Certificate:
    """Correct issuer and days. Raises what every change of a certificate raises."""
    before = _changeable(tx, certificate_id, expected_version, now)
    after = certificates.amend(before, details, local_day(tx, now))
    return _saved(tx, after, before.version, now)


def take_step(
    tx: Transaction,
    certificate_id: UUID,
    kind: StepKind,
    reason: str,
    *,
    expected_version: int,
    now: datetime,
) -> Certificate:
    """Suspend, restore or revoke. Raises what every change of a certificate raises."""
    before = _changeable(tx, certificate_id, expected_version, now)
    after = certificates.take_step(before, kind, reason, tx.context.actor_id, now)
    if after.step is not None:
        tx.store(CertificateStore).add_step(certificate_id, after.step)
    return _saved(tx, after, before.version, now)


def get_certificate(
    tx: Transaction, certificate_id: UUID, now: datetime
) -> tuple[Certificate, list[Step]]:
    """A certificate with its steps. Raises CertificateNotFound, PermissionDenied."""
    found = tx.store(CertificateStore).get(certificate_id, now)
    if not tx.store(PermissionStore).is_readable(found.person_id, Viewer.of(tx.context, READ)):
        raise PermissionDenied(capability=READ)
    return found, tx.store(CertificateStore).steps(certificate_id)


def list_certificates(
    tx: Transaction, wanted: CertificateQuery, asked: PageRequest
) -> Page[Certificate]:
    """Certificates of the people whom the caller may read, and the caller's own.

    Raises InvalidArgument for a number of days out of range.
    """
    found = certificates.filter_of(wanted, local_day(tx, wanted.moment))
    return tx.store(CertificateStore).page(Viewer.of(tx.context, READ), found, asked)


def check_certified(
    tx: Transaction, people: Sequence[UUID], kind: str, moment: datetime
) -> list[Certification]:
    """Each person's certificate that was valid at the moment; of several, the one that lasts longest."""
    day = local_day(tx, moment)
    held: dict[UUID, Certificate] = {}
    for found in tx.store(CertificateStore).of_people(people, kind, moment):
        if found.issued_on > day or found.state_on(day) is not State.VALID:
            continue
        best = held.get(found.person_id)
        if best is None or _lasts_longer(found, best):
            held[found.person_id] = found
    return [Certification(person_id, held.get(person_id)) for person_id in people]


def _lasts_longer(one: Certificate, other: Certificate) -> bool:
    if one.valid_until is None or other.valid_until is None:
        return one.valid_until is None
    return one.valid_until > other.valid_until


def _changeable(
    tx: Transaction, certificate_id: UUID, expected_version: int, now: datetime
) -> Certificate:
    """The certificate, held until the transaction ends.

    Raises CertificateNotFound, PermissionDenied, Aborted.
    """
    found = tx.store(CertificateStore).locked(certificate_id, now)
    _require_staff_over(tx, found.person_id)
    require_version(expected_version, found.version)
    return found


def _saved(tx: Transaction, certificate: Certificate, version: int, now: datetime) -> Certificate:
    tx.store(CertificateStore).save(certificate, version)
    event = certificates.changed(certificate, local_day(tx, now))
    tx.outbox.add(event, subject=certificate.certificate_id, sequence=certificate.version)
    return certificate


def _require_staff_over(tx: Transaction, person_id: UUID) -> None:
    if not may_staff(tx, person_id):
        raise PermissionDenied(capability=STAFF)


NOT_YOURS = Text("You do not staff this person.", "您无权管理该人员。")


def import_certificates(
    tx: Transaction,
    given: Sequence[Row],
    new_id: Callable[[], UUID],
    now: datetime,
    *,
    dry_run: bool,
) -> Outcome:
    """Record the rows' certificates; one with a known number gets the row's issuer and days.

    Raises InvalidArgument for too many rows.
    """
    rows.check_number(given)
    today = local_day(tx, now)
    known = people_in(tx, given)
    mentioned = {*known.names, *(each for ids in known.ids.values() for each in ids)}
    staffed = tx.store(PermissionStore).staffed(mentioned, Viewer.of(tx.context, STAFF))
    numbers = {certificates.plain_number(row.cell("number")) for row in given}
    before = {each.number: each for each in tx.store(CertificateStore).numbered(numbers, now)}
    outcome = Outcome()
    seen: dict[str, int] = {}
    kept: list[Certificate] = []
    for row in given:
        asked = _certificate(row, known, staffed, new_id(), today, outcome=outcome)
        if asked is None:
            continue
        if (first := seen.setdefault(asked.number, row.number)) != row.number:
            outcome.fault(row, "number", rows.ROW_TWICE.format(row=first))
            continue
        same = before.get(asked.number)
        try:
            certificate = asked if same is None else _renewed(same, asked, today)
        except DomainError as error:
            outcome.refuse(row, error)
            continue
        if certificate == same:
            outcome.unchanged += 1
            continue
        outcome.created += same is None
        outcome.updated += same is not None
        kept.append(certificate)
    if kept and not outcome.faults and not dry_run:
        tx.store(CertificateStore).keep(kept)
        for each in kept:
            event = certificates.changed(each, today)
            tx.outbox.add(event, subject=each.certificate_id, sequence=each.version)
    return outcome.told


def _certificate(
    row: Row,
    known: People,
    staffed: frozenset[UUID],
    certificate_id: UUID,
    today: date,
    *,
    outcome: Outcome,
) -> Certificate | None:
    """The certificate that the row describes; None where faults were noted."""
    before = len(outcome.faults)
    person_id = known.named_in(row, outcome)
    if person_id is not None and person_id not in staffed:
        outcome.fault(row, "person_id", NOT_YOURS)
    details = certificates.CertificateDetails(
        *(row.cell(name) for name in ("kind", "number", "issuer", "issued_on", "valid_until"))
    )
    try:
        made = certificates.make_certificate(
            certificate_id, person_id or certificate_id, details, today
        )
    except DomainError as error:
        outcome.refuse(row, error)
        return None
    return made if len(outcome.faults) == before else None


def _renewed(same: Certificate, asked: Certificate, today: date) -> Certificate:
    """The certificate with the row's issuer and days. Raises NumberTaken, StepNotAllowed."""
    if (same.person_id, same.kind) != (asked.person_id, asked.kind):
        raise NumberTaken(number=same.number)
    renewed = replace(
        same, issuer=asked.issuer, issued_on=asked.issued_on, valid_until=asked.valid_until
    )
    if renewed == same:
        return same
    if same.state_on(today) is certificates.State.REVOKED:
        raise StepNotAllowed(state=certificates.State.REVOKED, step="amended")
    return replace(renewed, version=same.version + 1)
