"""Responsibility letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class PledgeRoundRow(Base):
    """A campaign of letters."""

    __tablename__ = "pledge_rounds"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int]
    title: Mapped[str]
    goals: Mapped[list[Any]]
    rewards: Mapped[str]
    penalties: Mapped[str]
    grid_id: Mapped[UUID | None]
    signings: Mapped[list[Any]]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (Index(None, "county_id", "year"),)


class PledgeLetterRow(Base):
    """A letter on record. The newest of a grid in a round is the one that holds."""

    __tablename__ = "pledge_letters"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    grid_id: Mapped[UUID]
    number: Mapped[int]
    upper_grid_id: Mapped[UUID | None]
    text: Mapped[dict[str, Any]]
    text_hash: Mapped[str]
    reason: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("county_id", "round_id", "grid_id", "number"),
        ForeignKeyConstraint(
            ["county_id", "round_id"], ["pledge_rounds.county_id", "pledge_rounds.round_id"]
        ),
    )


class PledgeSignatureRow(Base):
    """One party's signature on a letter."""

    __tablename__ = "pledge_signatures"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    post_id: Mapped[UUID]
    text_hash: Mapped[str]
    signed_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "letter_id"], ["pledge_letters.county_id", "pledge_letters.letter_id"]
        ),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        ForeignKeyConstraint(["county_id", "post_id"], ["posts.county_id", "posts.post_id"]),
    )
