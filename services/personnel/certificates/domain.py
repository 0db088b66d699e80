"""Certificates: how long they hold, and what interrupts or ends them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.personnel.common.domain.checks import PARAGRAPH, Faults
from shared.contracts.personnel import CertificateChanged
from shared.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Text,
    Violation,
)

NUMBER_LENGTH = 64
KIND_LENGTH = 64

NOT_ISSUED_YET = Text("The day of issue must not be later than today.", "发证日期不能晚于今天。")
ENDS_BEFORE_ISSUE = Text(
    "The last day of validity must not be earlier than the day of issue.",
    "有效期截止日不能早于发证日期。",
)
UNKNOWN_PERSON = Text("There is no such person in this county.", "本县没有该人员。")


BAD_DAYS = Text("The number of days must be from 0 to 3650.", "天数应在 0 至 3650 之间。")
MOST_DAYS = 3650


class CertificateNotFound(NotFound):
    """No such certificate in the county."""

    reason = "CERTIFICATE_NOT_FOUND"
    title = Text("Certificate not found", "未找到证件")
    detail = Text(
        "There is no certificate {certificate_id} in this county.",
        "本县没有编号为 {certificate_id} 的证件。",
    )


class NumberTaken(AlreadyExists):
    """The county has a certificate with the number."""

    reason = "CERTIFICATE_NUMBER_TAKEN"
    title = Text("Number in use", "证件号已存在")
    detail = Text(
        "The county has a certificate with the number {number}.",
        "本县已有证件号为 {number} 的证件。",
    )


class StepNotAllowed(FailedPrecondition):
    """The certificate's state does not allow the step."""

    reason = "CERTIFICATE_STEP_NOT_ALLOWED"
    title = Text("Not possible with this certificate", "该证件当前状态不允许此操作")
    detail = Text(
        "A certificate that is {state} cannot be {step}.",
        "证件当前状态为 {state},不能执行 {step}。",
    )


class State(StrEnum):
    """The state of a certificate at a moment."""

    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class StepKind(StrEnum):
    """What was done with a certificate."""

    SUSPENDED = "suspended"
    RESTORED = "restored"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with its reason; steps are numbered from 1."""

    number: int
    kind: StepKind
    reason: str
    at: datetime
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a person; without ``valid_until``, its last day, it has no end.

    ``step`` is the last that was done with it by the moment in question.
    """

    certificate_id: UUID
    person_id: UUID
    kind: str
    number: str
    issuer: str
    issued_on: date
    valid_until: date | None
    version: int
    step: Step | None = None
    person_name: str = ""

    def state_on(self, day: date) -> State:
        """What it is worth on a day, with ``step`` the last one."""
        if self.step is not None and self.step.kind is not StepKind.RESTORED:
            return State(self.step.kind.value)
        if self.valid_until is not None and self.valid_until < day:
            return State.EXPIRED
        return State.VALID

    @property
    def reason(self) -> str:
        """Why it is suspended or revoked."""
        interrupted = self.step is not None and self.step.kind is not StepKind.RESTORED
        return self.step.reason if self.step and interrupted else ""


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    """What a request says of a certificate, as it was written."""

    kind: str
    number: str
    issuer: str
    issued_on: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class CertificateQuery:
    """Which certificates are asked for, as they were at a moment."""

    moment: datetime
    person_id: UUID | None = None
    kind: str = ""
    state: State | None = None
    expiring_within_days: int | None = None
    """Only valid ones whose last day is at most so many days after the moment's."""


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    """Which certificates are wanted, as they were at a moment, the ``day`` in the county.

    ``until`` keeps those that are valid and end on the day or before.
    """

    moment: datetime
    day: date
    person_id: UUID | None = None
    kind: str = ""
    state: State | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Certification:
    """Whether somebody was certified, and by which certificate."""

    person_id: UUID
    certificate: Certificate | None


def plain_number(text: str) -> str:
    """The number as it is kept and compared: without spaces, in capitals."""
    return text.replace(" ", "").upper()


def filter_of(wanted: CertificateQuery, day: date) -> CertificateFilter:
    """The filter of a query, with the moment's day in the county. Raises InvalidArgument."""
    within = wanted.expiring_within_days
    if within is not None and not 0 <= within <= MOST_DAYS:
        raise InvalidArgument([Violation("/expiring_within_days", BAD_DAYS)])
    return CertificateFilter(
        moment=wanted.moment,
        day=day,
        person_id=wanted.person_id,
        kind=wanted.kind,
        state=wanted.state if within is None else State.VALID,
        until=None if within is None else day + timedelta(days=within),
    )


def make_certificate(
    certificate_id: UUID, person_id: UUID, details: CertificateDetails, today: date
) -> Certificate:
    """A new certificate. Raises InvalidArgument naming every fault."""
    faults = Faults()
    kind = faults.text(details.kind, "/kind", limit=KIND_LENGTH, required=True)
    number = faults.text(details.number, "/number", limit=NUMBER_LENGTH, required=True)
    issuer, issued_on, valid_until = _checked_days(details, today, faults)
    faults.check()
    return Certificate(
        certificate_id=certificate_id,
        person_id=person_id,
        kind=kind,
        number=plain_number(number),
        issuer=issuer,
        issued_on=issued_on or today,
        valid_until=valid_until,
        version=1,
    )


def amend(certificate: Certificate, details: CertificateDetails, today: date) -> Certificate:
    """The certificate with other issuer and days. Raises InvalidArgument, StepNotAllowed."""
    if certificate.state_on(today) is State.REVOKED:
        raise StepNotAllowed(state=State.REVOKED, step="amended")
    faults = Faults()
    issuer, issued_on, valid_until = _checked_days(details, today, faults)
    faults.check()
    return replace(
        certificate,
        issuer=issuer,
        issued_on=issued_on or today,
        valid_until=valid_until,
        version=certificate.version + 1,
    )


def take_step(
    certificate: Certificate, kind: StepKind, reason: str, actor_id: UUID | None, now: datetime
) -> Certificate:
    """The certificate after a step. Raises InvalidArgument, StepNotAllowed."""
    before = certificate.step
    held = before.kind if before else StepKind.RESTORED
    allowed = {
        StepKind.SUSPENDED: {StepKind.RESTORED},
        StepKind.RESTORED: {StepKind.SUSPENDED},
        StepKind.REVOKED: {StepKind.RESTORED, StepKind.SUSPENDED},
    }
    if held not in allowed[kind]:
        state = State.VALID if held is StepKind.RESTORED else held
        raise StepNotAllowed(state=state, step=kind)
    faults = Faults()
    why = faults.text(reason, "/reason", limit=PARAGRAPH, required=True)
    faults.check()
    step = Step((before.number if before else 0) + 1, kind, why, now, actor_id)
    return replace(certificate, step=step, version=certificate.version + 1)


def changed(certificate: Certificate, today: date) -> CertificateChanged:
    """The event that states the certificate as it is now."""
    return CertificateChanged(
        certificate_id=certificate.certificate_id,
        person_id=certificate.person_id,
        kind=certificate.kind,
        valid_from=certificate.issued_on,
        valid_until=certificate.valid_until,
        state=certificate.state_on(today).value,
    )


def _checked_days(
    details: CertificateDetails, today: date, faults: Faults
) -> tuple[str, date | None, date | None]:
    """Issuer, day of issue and last day; their faults are noted."""
    issuer = faults.text(details.issuer, "/issuer", required=True)
    issued_on = faults.day(details.issued_on, "/issued_on", required=True)
    valid_until = faults.day(details.valid_until, "/valid_until")
    if issued_on is not None and issued_on > today:
        faults.add("/issued_on", NOT_ISSUED_YET)
    if issued_on is not None and valid_until is not None and valid_until < issued_on:
        faults.add("/valid_until", ENDS_BEFORE_ISSUE)
    return issuer, issued_on, valid_until
