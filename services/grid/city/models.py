"""Counties, and the directory in which the city lists them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class CountyRow(Base):
    """A county."""

    __tablename__ = "counties"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    admin_code: Mapped[str]
    time_zone: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]
    last_node: Mapped[int]


class DirectoryRow(Base):
    """A county as the city lists it. These rows belong to the city's own pseudo-tenant."""

    __tablename__ = "county_directory"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    listed_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    admin_code: Mapped[str]
    time_zone: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]
