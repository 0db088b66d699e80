"""Accounts, sessions, and failed sign-ins."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from services.personnel.base import Base


class AccountRow(Base):
    """An account, with which a person signs in.

    ``username_key`` is the form in which usernames are compared.

    Without ``password_hash`` no password opens it: its holder has yet to choose one.
    """

    __tablename__ = "accounts"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    username: Mapped[str]
    username_key: Mapped[str]
    password_hash: Mapped[str | None]
    roles: Mapped[list[Any]]
    created_at: Mapped[datetime]
    must_change: Mapped[bool] = mapped_column(server_default=false())
    disabled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("county_id", "username_key"),
        UniqueConstraint("county_id", "person_id"),
        ForeignKeyConstraint(["county_id", "person_id"], ["people.county_id", "people.person_id"]),
    )


class OneTimeCodeRow(Base):
    """The code, by its hash, with which an account's holder may choose a password once."""

    __tablename__ = "one_time_codes"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "account_id"], ["accounts.county_id", "accounts.account_id"]
        ),
    )


class IdentityRow(Base):
    """A person's identity with an outside issuer, and the account that it opens."""

    __tablename__ = "identities"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    linked_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["county_id", "account_id"], ["accounts.county_id", "accounts.account_id"]
        ),
        UniqueConstraint("county_id", "account_id", "issuer"),
    )


class SignInFailureRow(Base):
    """A failed sign-in to a username, whether an account has it or not."""

    __tablename__ = "sign_in_failures"

    county_id: Mapped[str] = mapped_column(primary_key=True)
    username_key: Mapped[str] = mapped_column(primary_key=True)
    failed_at: Mapped[datetime] = mapped_column(primary_key=True)

    __table_args__ = (Index(None, "county_id", "failed_at"),)


class SessionRow(Base):
    """A session, which begins with signing in."""

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
    """A refresh token, by its hash.

    Spent ones are kept, so that they are recognised when they come again.
    """

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
