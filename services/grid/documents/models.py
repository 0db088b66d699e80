"""Written rules and their versions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class RuleRow(Base):
    """A written rule: what it is about, and what it belongs to. It never changes."""

    __tablename__ = "rule_documents"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    level_id: Mapped[str | None]
    grid_id: Mapped[UUID | None]

    __table_args__ = (
        Index("ix_rule_documents_county_id_grid_id_kind", "county_id", "grid_id", "kind"),
        # A grid has one plan, in versions.
        Index(
            "uq_rule_documents_county_id_grid_id_plan",
            "county_id",
            "grid_id",
            unique=True,
            postgresql_where=text("kind = 'grid_plan'::text"),
        ),
    )


class RuleVersionRow(Base):
    """A version of a written rule. It never changes."""

    __tablename__ = "rule_versions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    number: Mapped[str]
    issuer: Mapped[str]
    trial: Mapped[bool]
    text: Mapped[str]
    url: Mapped[str]
    effective_on: Mapped[date]
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "rule_id"], ["rule_documents.county_id", "rule_documents.rule_id"]
        ),
    )


class RuleFilingRow(Base):
    """The filing of a version of a rule with the office above. It never changes."""

    __tablename__ = "rule_filings"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    office: Mapped[str]
    filed_by: Mapped[UUID | None]
    filed_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "rule_id", "version"],
            ["rule_versions.county_id", "rule_versions.rule_id", "rule_versions.version"],
        ),
    )
