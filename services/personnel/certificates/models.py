"""Certificates."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class CertificateRow(Base):
    """A certificate of a person."""

    __tablename__ = "certificates"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    kind: Mapped[str]
    number: Mapped[str]
    issuer: Mapped[str]
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("county_id", "number"),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        Index(None, "county_id", "person_id"),
        Index(None, "county_id", "valid_until"),
    )


class CertificateStepRow(Base):
    """What was done with a certificate, and why."""

    __tablename__ = "certificate_steps"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "certificate_id"],
            ["certificates.county_id", "certificates.certificate_id"],
        ),
    )
