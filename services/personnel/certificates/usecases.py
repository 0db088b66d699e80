"""Recording certificates, interrupting and ending them, and saying who is certified."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.personnel.certificates import domain as certificates
from services.personnel.certificates.domain import (
    UNKNOWN_PERSON,
    Certificate,
    Certification,
    NumberTaken,
    State,
    Step,
    StepKind,
    Told,
    Wanted,
)
from services.personnel.common.scheme import local_day
from services.personnel.people.usecases.people import STAFF
from services.personnel.posts.domain.posts import READ, Viewer
from services.personnel.record_ports import RecordsTransaction
from shared.errors import Aborted, InvalidArgument, PermissionDenied, Violation


def record_certificate(
    tx: RecordsTransaction, certificate_id: UUID, person_id: UUID, told: Told, now: datetime
) -> Certificate:
    """Record a person's certificate.

    Raises InvalidArgument naming every fault, PermissionDenied where the caller does not staff
    the person, NumberTaken.
    """
    name = tx.roster.names([person_id]).get(person_id)
    if name is None:
        raise InvalidArgument([Violation("/person_id", UNKNOWN_PERSON)])
    _require_staff_over(tx, person_id)
    today = local_day(tx, now)
    made = certificates.make_certificate(certificate_id, person_id, told, today)
    if tx.certificates.numbered([made.number], now):
        raise NumberTaken(number=made.number)
    tx.certificates.add([made])
    tx.outbox.add(certificates.changed(made, today), subject=certificate_id, sequence=1)
    return replace(made, person_name=name)


def amend_certificate(
    tx: RecordsTransaction, certificate_id: UUID, told: Told, expected_version: int, now: datetime
) -> Certificate:
    """Correct issuer and days. Raises what every change of a certificate raises."""
    before = _changeable(tx, certificate_id, expected_version, now)
    after = certificates.amend(before, told, local_day(tx, now))
    return _saved(tx, after, before.version, now)


def take_step(
    tx: RecordsTransaction,
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
        tx.certificates.add_step(certificate_id, after.step)
    return _saved(tx, after, before.version, now)


def get_certificate(
    tx: RecordsTransaction, certificate_id: UUID, now: datetime
) -> tuple[Certificate, list[Step]]:
    """A certificate with its steps. Raises CertificateNotFound, PermissionDenied."""
    found = tx.certificates.get(certificate_id, now)
    if not tx.roster.is_within(found.person_id, Viewer.of(tx.context, READ)):
        raise PermissionDenied(capability=READ)
    return found, tx.certificates.steps(certificate_id)


def list_certificates(
    tx: RecordsTransaction, wanted: Wanted, after: UUID | None, limit: int
) -> list[Certificate]:
    """Certificates of the people whom the caller may read, and the caller's own.

    Raises InvalidArgument for a number of days out of range.
    """
    found = certificates.filter_of(wanted, local_day(tx, wanted.moment))
    return tx.certificates.page(Viewer.of(tx.context, READ), found, after, limit)


def check_certified(
    tx: RecordsTransaction, people: Sequence[UUID], kind: str, moment: datetime
) -> list[Certification]:
    """For each person the certificate that was valid at the moment: of several, the one that lasts."""
    day = local_day(tx, moment)
    held: dict[UUID, Certificate] = {}
    for found in tx.certificates.of_people(people, kind, moment):
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
    tx: RecordsTransaction, certificate_id: UUID, expected_version: int, now: datetime
) -> Certificate:
    """The certificate, held until the transaction ends.

    Raises CertificateNotFound, PermissionDenied, Aborted.
    """
    found = tx.certificates.locked(certificate_id, now)
    _require_staff_over(tx, found.person_id)
    if expected_version and expected_version != found.version:
        raise Aborted(expected=expected_version, actual=found.version)
    return found


def _saved(
    tx: RecordsTransaction, certificate: Certificate, version: int, now: datetime
) -> Certificate:
    tx.certificates.save(certificate, version)
    event = certificates.changed(certificate, local_day(tx, now))
    tx.outbox.add(event, subject=certificate.certificate_id, sequence=certificate.version)
    return certificate


def _require_staff_over(tx: RecordsTransaction, person_id: UUID) -> None:
    if not tx.people.is_within(person_id, Viewer.of(tx.context, STAFF)):
        raise PermissionDenied(capability=STAFF)
