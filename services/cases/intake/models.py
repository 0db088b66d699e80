"""Tables of intake. No behaviour."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from services.cases.base import Base


class NumberRow(Base):
    """The last number given to a case that a county opened on one of its days."""

    __tablename__ = "case_numbers"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
