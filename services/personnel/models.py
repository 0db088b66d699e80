"""The service's tables. No behaviour."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.base import COLUMN_TYPES, make_metadata
from shared.db.platform import platform_tables
from shared.structure.tables import structure_tables


class Base(DeclarativeBase):
    """The service's tables."""

    metadata = make_metadata()
    type_annotation_map = COLUMN_TYPES


PLATFORM = platform_tables(Base.metadata)
STRUCTURE = structure_tables(Base.metadata)


class PersonRow(Base):
    """Somebody who works in a county."""

    __tablename__ = "people"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int]


class AccountRow(Base):
    """What lets a person sign in. ``username_key`` is the form in which usernames are compared."""

    __tablename__ = "accounts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    username: Mapped[str]
    username_key: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[Any]]
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("county_id", "username_key"),
        UniqueConstraint("county_id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
    )


class SignInFailureRow(Base):
    """A failed sign-in to a username, whether an account has it or not."""

    __tablename__ = "sign_in_failures"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    username_key: Mapped[str] = mapped_column(primary_key=True)
    failed_at: Mapped[datetime] = mapped_column(primary_key=True)

    __table_args__ = (Index(None, "county_id", "failed_at"),)


class SessionRow(Base):
    """One signing-in."""

    __tablename__ = "sessions"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "account_id"], ["accounts.county_id", "accounts.account_id"]
        ),
        Index(None, "county_id", "account_id"),
    )


class RefreshTokenRow(Base):
    """A refresh token, by its hash. The spent ones are kept to know them when they come again."""

    __tablename__ = "refresh_tokens"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "session_id"],
            ["sessions.county_id", "sessions.session_id"],
            ondelete="CASCADE",
        ),
        Index(None, "county_id", "session_id"),
    )


class PostRow(Base):
    """A dated appointment."""

    __tablename__ = "posts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    role_type: Mapped[str]
    role_kind: Mapped[str]
    title: Mapped[str]
    capabilities: Mapped[list[Any]]
    grid_id: Mapped[UUID | None]
    department_id: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
        CheckConstraint("grid_id IS NULL OR department_id IS NULL", name="one_place"),
        CheckConstraint("valid_to >= valid_from", name="interval"),
        Index(None, "county_id", "person_id"),
        Index(None, "county_id", "grid_id"),
        Index(None, "county_id", "department_id"),
    )
