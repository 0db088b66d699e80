"""People."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class PersonRow(Base):
    """A person who works in a county.

    Phone and identity number are sealed (``vault.py``). Their blind indexes are equal for equal
    values of one county and say nothing else.
    """

    __tablename__ = "people"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    identity_number_sealed: Mapped[bytes | None]
    identity_number_index: Mapped[bytes | None]
    employer: Mapped[str | None]
    force_source: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("county_id", "identity_number_index"),
        Index(None, "county_id", "phone_index"),
    )
