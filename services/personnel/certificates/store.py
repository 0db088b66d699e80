"""Certificates in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.personnel.certificates.domain import (
    Certificate,
    CertificateFilter,
    CertificateNotFound,
    State,
    Step,
    StepKind,
)
from services.personnel.certificates.models import CertificateRow, CertificateStepRow
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.store.permissions import readable
from services.personnel.roster.models import PersonRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NUMBER_TAKEN = "uq_certificates_county_id_number"
FIELDS = (
    "certificate_id",
    "person_id",
    "kind",
    "number",
    "issuer",
    "issued_on",
    "valid_until",
    "version",
)
CHANGING = ("certificate_id", "issuer", "issued_on", "valid_until", "version")
STEP = ("number", "kind", "reason", "at", "actor_id")

OLDEST = SortKey(CertificateRow.certificate_id)


class CertificateStore:
    """One county's certificates."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._certificate_step_table = ScopedTable(tx, CertificateStepRow)
        self._certificate_table = ScopedTable(tx, CertificateRow, missing=CertificateNotFound)

    def add(self, made: Sequence[Certificate]) -> None:
        """Record certificates; IntegrityError (NUMBER_TAKEN) where a number was there first."""
        rows = [{**{name: getattr(each, name) for name in FIELDS}} for each in made]
        self._certificate_table.insert_many(rows)

    def get(self, certificate_id: UUID, moment: datetime) -> Certificate:
        """One certificate with its last step of the moment. Raises CertificateNotFound."""
        query = self._select(moment).where(CertificateRow.certificate_id == certificate_id)
        return self._one(query, certificate_id)

    def locked(self, certificate_id: UUID, moment: datetime) -> Certificate:
        """As ``get``; nobody else changes the certificate until the transaction ends."""
        held = select(CertificateRow.certificate_id).where(
            self._certificate_table.own,
            CertificateRow.certificate_id == certificate_id,
        )
        self._connection.execute(held.with_for_update())
        return self.get(certificate_id, moment)

    def save(self, certificate: Certificate, expected_version: int) -> None:
        """Keep issuer, days and version. Raises Aborted where it is at another version."""
        values = {name: getattr(certificate, name) for name in CHANGING}
        self._certificate_table.save(values, expected_version)

    def keep(self, changed: Sequence[Certificate]) -> None:
        """Record new ones, and keep issuer, days and version of those that are there."""
        rows = [{**{name: getattr(each, name) for name in FIELDS}} for each in changed]
        self._certificate_table.upsert(rows, ("issuer", "issued_on", "valid_until", "version"))

    def add_step(self, certificate_id: UUID, step: Step) -> None:
        """Record a step."""
        self._certificate_step_table.insert(
            {
                "certificate_id": certificate_id,
                "number": step.number,
                "kind": step.kind.value,
                "reason": step.reason,
                "at": step.at,
                "actor_id": step.actor_id,
            }
        )

    def steps(self, certificate_id: UUID) -> list[Step]:
        """All steps, oldest first."""
        rows = self._connection.execute(
            select(*(getattr(CertificateStepRow, name) for name in STEP))
            .where(
                self._certificate_step_table.own,
                CertificateStepRow.certificate_id == certificate_id,
            )
            .order_by(CertificateStepRow.number)
        )
        return [Step(row.number, StepKind(row.kind), *row[2:]) for row in rows]

    def numbered(self, numbers: Collection[str], moment: datetime) -> list[Certificate]:
        """The certificates with these numbers, held until the transaction ends."""
        query = self._select(moment).where(CertificateRow.number.in_(numbers))
        return self._read(query.with_for_update(of=CertificateRow))

    def of_people(self, people: Collection[UUID], kind: str, moment: datetime) -> list[Certificate]:
        """The people's certificates, of a kind where given, with their last steps of the moment."""
        query = self._select(moment).where(CertificateRow.person_id.in_(people))
        if kind:
            query = query.where(CertificateRow.kind == kind)
        return self._read(query.order_by(CertificateRow.certificate_id))

    def page(
        self, viewer: Viewer, wanted: CertificateFilter, asked: PageRequest
    ) -> Page[Certificate]:
        """Certificates of people whom the viewer may read, in the order recorded."""
        query = self._select(wanted.moment, wanted.state, wanted.day).where(
            readable(CertificateRow, viewer),
            CertificateRow.issued_on <= wanted.day,
        )
        if wanted.person_id is not None:
            query = query.where(CertificateRow.person_id == wanted.person_id)
        if wanted.kind:
            query = query.where(CertificateRow.kind == wanted.kind)
        if wanted.until is not None:
            query = query.where(CertificateRow.valid_until <= wanted.until)
        return self._certificate_table.page(query, OLDEST, asked).map(_certificate)

    def _select(
        self, moment: datetime, state: State | None = None, day: date | None = None
    ) -> Select[Any]:
        row = CertificateStepRow
        last = (
            select(row)
            .where(self._certificate_step_table.own, row.at <= moment)
            .ext(distinct_on(row.certificate_id))
            .order_by(row.certificate_id, row.number.desc())
            .subquery("last_steps")
        )
        query = (
            select(
                CertificateRow.__table__,
                PersonRow.name.label("person_name"),
                *(last.c[name].label(f"step_{name}") for name in STEP),
            )
            .join(
                PersonRow,
                same_county(PersonRow, CertificateRow, "person_id"),
            )
            .outerjoin(last, last.c.certificate_id == CertificateRow.certificate_id)
            .where(self._certificate_table.own)
        )
        if state is None or day is None:
            return query
        return query.where(_is_in(state, last.c.kind, day))

    def _one(self, query: Select[Any], certificate_id: UUID) -> Certificate:
        row = self._connection.execute(query).first()
        if row is None:
            raise CertificateNotFound(certificate_id=certificate_id)
        return _certificate(row)

    def _read(self, query: Select[Any]) -> list[Certificate]:
        return [_certificate(row) for row in self._connection.execute(query)]


def _is_in(state: State, last_step: Any, day: date) -> ColumnElement[bool]:
    """Whether a certificate with the last step is in the state on the day."""
    if state in (State.SUSPENDED, State.REVOKED):
        stopped: ColumnElement[bool] = last_step == state.value
        return stopped
    running = or_(last_step.is_(None), last_step == StepKind.RESTORED.value)
    until = CertificateRow.valid_until
    if state is State.EXPIRED:
        return running & (until < day)
    return running & (until.is_(None) | (until >= day))


def _certificate(row: Row[Any]) -> Certificate:
    step = None
    if row.step_number is not None:
        step = Step(
            row.step_number,
            StepKind(row.step_kind),
            row.step_reason,
            row.step_at,
            row.step_actor_id,
        )
    return Certificate(
        **{name: getattr(row, name) for name in FIELDS}, step=step, person_name=row.person_name
    )
