"""Certificates over gRPC."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import grpc

from services.personnel.certificates import usecases as certifying
from services.personnel.certificates.domain import (
    Certificate,
    CertificateDetails,
    CertificateNotFound,
    CertificateQuery,
    Certification,
    State,
    Step,
    StepKind,
)
from services.personnel.certificates.store import NUMBER_TAKEN
from services.personnel.common.domain.clock import Clock
from services.personnel.common.usecases import local_day
from shared.db.transaction import Transaction, UnitOfWork
from shared.errors import InvalidArgument, Text, Violation
from shared.ids import new_id
from shared.paging import PageRequest
from shared.rpc import call
from shared.rpc.fields import MISSING, optional_moment, optional_uuid, uuid_or
from shared.rpc.idempotency import once
from shared.rpc.messages import writer
from shared.rpc.rows import outcome_message, rows_of
from wangge.personnel.v1 import certificates_pb2
from wangge.personnel.v1 import trainings_service_pb2 as pb

MOST_PEOPLE = 100
TOO_MANY_PEOPLE = Text("At most 100 people are checked at once.", "一次最多核验 100 人。")
NUMBERS: Mapping[State, certificates_pb2.CertificateState] = {
    each: getattr(certificates_pb2, f"CERTIFICATE_STATE_{each.name}") for each in State
}
STATES = {number: state for state, number in NUMBERS.items()}

write_step = writer(certificates_pb2.CertificateStep, Step, names={"time": "at"})
write_certificate = writer(certificates_pb2.Certificate, Certificate, left_out=("state",))


class CertificateServicer:
    """Certificates over gRPC."""

    def __init__(self, unit_of_work: UnitOfWork[Transaction], clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def RecordCertificate(
        self, request: pb.RecordCertificateRequest, context: grpc.ServicerContext
    ) -> pb.RecordCertificateResponse:
        """Record a certificate."""
        certificate_id = new_id()
        person_id = _person(request.person_id, "/person_id")
        details = CertificateDetails(
            request.kind, request.number, request.issuer, request.issued_on, request.valid_until
        )

        def act(tx: Transaction) -> pb.RecordCertificateResponse:
            now = self._clock()
            made = certifying.record_certificate(tx, certificate_id, person_id, details, now)
            return pb.RecordCertificateResponse(certificate=_certificate(made, local_day(tx, now)))

        races = (NUMBER_TAKEN,)
        return once(self._unit_of_work, request, pb.RecordCertificateResponse, act, races)

    def AmendCertificate(
        self, request: pb.AmendCertificateRequest, context: grpc.ServicerContext
    ) -> pb.AmendCertificateResponse:
        """Correct a certificate's issuer and days."""
        certificate_id = _certificate_id(request.certificate_id)
        details = CertificateDetails("", "", request.issuer, request.issued_on, request.valid_until)

        def act(tx: Transaction) -> pb.AmendCertificateResponse:
            now, version = self._clock(), request.expected_version
            changed = certifying.amend_certificate(tx, certificate_id, details, version, now)
            return pb.AmendCertificateResponse(
                certificate=_certificate(changed, local_day(tx, now))
            )

        return once(self._unit_of_work, request, pb.AmendCertificateResponse, act)

    def SuspendCertificate(
        self, request: pb.SuspendCertificateRequest, context: grpc.ServicerContext
    ) -> pb.SuspendCertificateResponse:
        """Suspend a certificate."""

        def act(tx: Transaction) -> pb.SuspendCertificateResponse:
            return pb.SuspendCertificateResponse(
                certificate=self._step(tx, request, StepKind.SUSPENDED)
            )

        return once(self._unit_of_work, request, pb.SuspendCertificateResponse, act)

    def RestoreCertificate(
        self, request: pb.RestoreCertificateRequest, context: grpc.ServicerContext
    ) -> pb.RestoreCertificateResponse:
        """End a suspension."""

        def act(tx: Transaction) -> pb.RestoreCertificateResponse:
            return pb.RestoreCertificateResponse(
                certificate=self._step(tx, request, StepKind.RESTORED)
            )

        return once(self._unit_of_work, request, pb.RestoreCertificateResponse, act)

    def RevokeCertificate(
        self, request: pb.RevokeCertificateRequest, context: grpc.ServicerContext
    ) -> pb.RevokeCertificateResponse:
        """Revoke a certificate for good."""

        def act(tx: Transaction) -> pb.RevokeCertificateResponse:
            return pb.RevokeCertificateResponse(
                certificate=self._step(tx, request, StepKind.REVOKED)
            )

        return once(self._unit_of_work, request, pb.RevokeCertificateResponse, act)

    def ImportCertificates(
        self, request: pb.ImportCertificatesRequest, context: grpc.ServicerContext
    ) -> pb.ImportCertificatesResponse:
        """Record certificates from a file."""
        rows = rows_of(request.rows)

        def act(tx: Transaction) -> pb.ImportCertificatesResponse:
            outcome = certifying.import_certificates(
                tx, rows, new_id, self._clock(), dry_run=request.dry_run
            )
            return pb.ImportCertificatesResponse(
                outcome=outcome_message(outcome, dry_run=request.dry_run)
            )

        races = (NUMBER_TAKEN,)
        return once(self._unit_of_work, request, pb.ImportCertificatesResponse, act, races)

    def GetCertificate(
        self, request: pb.GetCertificateRequest, context: grpc.ServicerContext
    ) -> pb.GetCertificateResponse:
        """Return a certificate with its steps."""
        certificate_id, now = _certificate_id(request.certificate_id), self._clock()
        with self._unit_of_work(call.current()) as tx:
            found, steps = certifying.get_certificate(tx, certificate_id, now)
            message = _certificate(found, local_day(tx, now))
        return pb.GetCertificateResponse(
            certificate=message,
            steps=[write_step(each) for each in steps],
        )

    def ListCertificates(
        self, request: pb.ListCertificatesRequest, context: grpc.ServicerContext
    ) -> pb.ListCertificatesResponse:
        """List certificates as they were at a moment."""
        asked = PageRequest.of(request)
        wanted = CertificateQuery(
            moment=optional_moment(request, "as_of") or self._clock(),
            person_id=optional_uuid(request.person_id, "/person_id"),
            kind=request.kind,
            state=STATES.get(request.state),
            expiring_within_days=(
                request.expiring_within_days if request.HasField("expiring_within_days") else None
            ),
        )
        with self._unit_of_work(call.current()) as tx:
            found = certifying.list_certificates(tx, wanted, asked)
            day = local_day(tx, wanted.moment)
        return pb.ListCertificatesResponse(
            certificates=[_certificate(each, day) for each in found.items],
            next_page_token=found.next_page_token,
        )

    def CheckCertified(
        self, request: pb.CheckCertifiedRequest, context: grpc.ServicerContext
    ) -> pb.CheckCertifiedResponse:
        """Return who of several people was certified at a moment."""
        if not 1 <= len(request.person_ids) <= MOST_PEOPLE:
            detail = TOO_MANY_PEOPLE if request.person_ids else MISSING
            raise InvalidArgument([Violation("/person_ids", detail)])
        people = [
            _person(text, f"/person_ids/{place}") for place, text in enumerate(request.person_ids)
        ]
        moment = optional_moment(request, "at") or self._clock()
        with self._unit_of_work(call.current()) as tx:
            found = certifying.check_certified(tx, people, request.kind, moment)
        return pb.CheckCertifiedResponse(certifications=[_certification(each) for each in found])

    def _step(
        self,
        tx: Transaction,
        request: (
            pb.SuspendCertificateRequest
            | pb.RestoreCertificateRequest
            | pb.RevokeCertificateRequest
        ),
        kind: StepKind,
    ) -> certificates_pb2.Certificate:
        now = self._clock()
        changed = certifying.take_step(
            tx,
            _certificate_id(request.certificate_id),
            kind,
            request.reason,
            expected_version=request.expected_version,
            now=now,
        )
        return _certificate(changed, local_day(tx, now))


def _certificate(found: Certificate, day: date) -> certificates_pb2.Certificate:
    """A certificate with its state on the day."""
    message = write_certificate(found)
    message.state = NUMBERS[found.state_on(day)]
    return message


def _certification(found: Certification) -> certificates_pb2.Certification:
    by = found.certificate
    if by is None:
        return certificates_pb2.Certification(person_id=str(found.person_id))
    return certificates_pb2.Certification(
        person_id=str(found.person_id),
        certified=True,
        certificate_id=str(by.certificate_id),
        number=by.number,
        valid_until=by.valid_until.isoformat() if by.valid_until else "",
    )


def _certificate_id(text: str) -> UUID:
    return uuid_or(text, CertificateNotFound(certificate_id=text))


def _person(text: str, pointer: str) -> UUID:
    found = optional_uuid(text, pointer)
    if found is None:
        raise InvalidArgument([Violation(pointer, MISSING)])
    return found
