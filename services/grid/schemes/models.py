"""Versions of schemes, their drafts, and published schemes for other counties to copy."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class DraftRow(Base):
    """A county's draft. The row stays when the draft goes, so that versions are never used twice."""

    __tablename__ = "scheme_drafts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    based_on: Mapped[int]
    # As text, as published documents are; null without a draft.
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    saved_by: Mapped[UUID | None]
    saved_at: Mapped[datetime]


class PublishedRow(Base):
    """A published scheme for others to copy. These rows belong to the city's own pseudo-tenant."""

    __tablename__ = "scheme_shelf"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    listed_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    county_name: Mapped[str]
    admin_code: Mapped[str]
    effective_on: Mapped[date]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]


class SchemeRow(Base):
    """A published version of a county's scheme."""

    __tablename__ = "scheme_versions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_on: Mapped[date]
    # As text, for people read it in the order in which it was written.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]
