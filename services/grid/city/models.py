"""Counties and the versions of their schemes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
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


class SchemeRow(Base):
    """A published version of a county's scheme."""

    __tablename__ = "scheme_versions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_on: Mapped[date]
    # As text, for people read it in the order in which it was written.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]
