"""People."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.models.base import Base


class PersonRow(Base):
    """Somebody who works in a county."""

    __tablename__ = "people"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int]
