"""Accounts and sessions in PostgreSQL. Rows never leave this file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, false, func, select

from services.personnel.accounts.domain.accounts import (
    FAILURES_KEPT,
    Account,
    Identity,
    LinkedIdentity,
    RefreshToken,
    Session,
    SessionEntry,
    username_key,
)
from services.personnel.accounts.domain.invitations import OneTimeCode
from services.personnel.accounts.models import (
    AccountRow,
    IdentityRow,
    OneTimeCodeRow,
    RefreshTokenRow,
    SessionRow,
    SignInFailureRow,
)
from services.personnel.common.store import lock
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.store.posts import within_reach
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

USERNAME_TAKEN = "uq_accounts_county_id_username_key"

OLDEST = SortKey(SessionRow.session_id)


class AccountStore:
    """One county's accounts, and the failed sign-ins to its usernames."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._connection = tx.connection
        self._county_id = tx.county_id
        self._account_table = ScopedTable(tx, AccountRow)
        self._identity_table = ScopedTable(tx, IdentityRow)
        self._one_time_code_table = ScopedTable(tx, OneTimeCodeRow)
        self._post_table = ScopedTable(tx, PostRow)
        self._sign_in_failure_table = ScopedTable(tx, SignInFailureRow)

    def any(self) -> bool:
        """Whether the county has accounts at all."""
        query = select(exists().where(self._account_table.own))
        return bool(self._connection.execute(query).scalar())

    def add(self, account: Account) -> None:
        """Record a new account; IntegrityError (USERNAME_TAKEN) where one was first."""
        self._account_table.insert(
            {
                "account_id": account.account_id,
                "person_id": account.person_id,
                "username": account.username,
                "username_key": username_key(account.username),
                "password_hash": account.password_hash,
                "roles": sorted(account.roles),
                "created_at": account.created_at,
                "must_change": account.must_change,
                "disabled_at": account.disabled_at,
            }
        )

    def find(self, username: str) -> Account | None:
        """The account of a username (in the form of comparison), or None."""
        return self._one(AccountRow.username_key == username)

    def get(self, account_id: UUID) -> Account:
        """The account of a session; the session's foreign key holds it there."""
        account = self._one(AccountRow.account_id == account_id)
        if account is None:
            raise LookupError(f"no account {account_id}")
        return account

    def of_person(self, person_id: UUID) -> Account | None:
        """The person's account, or None."""
        return self._one(AccountRow.person_id == person_id)

    def keep_hash(self, account_id: UUID, password_hash: str) -> None:
        """Keep the password's hash anew."""
        self._set(account_id, password_hash=password_hash)

    def choose_password(self, account_id: UUID, password_hash: str) -> None:
        """Keep the hash of a password that the account's holder has chosen."""
        self._set(account_id, password_hash=password_hash, must_change=False)

    def forget_password(self, account_id: UUID) -> None:
        """Let no password open the account until its holder has chosen one."""
        self._set(account_id, password_hash=None, must_change=False)

    def rename(self, account_id: UUID, username: str) -> None:
        """Give the account another username; IntegrityError (USERNAME_TAKEN) where one has it."""
        self._set(account_id, username=username, username_key=username_key(username))

    def disable(self, account_id: UUID, at: datetime | None) -> None:
        """Keep since when the account is disabled; None enables it."""
        self._set(account_id, disabled_at=at)

    def put_code(self, code: OneTimeCode) -> None:
        """Keep a one-time code in place of the account's earlier one."""
        values = {name: getattr(code, name) for name in OneTimeCode.__slots__}
        self._one_time_code_table.upsert(
            [values], [name for name in values if name != "account_id"]
        )

    def code(self, account_id: UUID) -> OneTimeCode | None:
        """The account's one-time code, or None."""
        row = self._connection.execute(
            select(OneTimeCodeRow.__table__).where(*self._code_of(account_id))
        ).first()
        if row is None:
            return None
        return OneTimeCode(**{name: getattr(row, name) for name in OneTimeCode.__slots__})

    def remove_code(self, account_id: UUID) -> None:
        """Remove the account's one-time code."""
        self._one_time_code_table.delete(*self._code_of(account_id))

    def identities_of(self, account_id: UUID) -> list[LinkedIdentity]:
        """The identities that open the account."""
        rows = self._connection.execute(
            self._identity_table.select()
            .where(IdentityRow.account_id == account_id)
            .order_by(IdentityRow.issuer)
        )
        return [
            LinkedIdentity(Identity(row.issuer, row.subject), row.account_id, row.linked_at)
            for row in rows
        ]

    def reaches_beyond(self, person_id: UUID, viewer: Viewer, now: datetime) -> bool:
        """Whether the person holds, or will hold, a post that the viewer may not staff."""
        query = select(PostRow.post_id).where(
            self._post_table.own,
            PostRow.person_id == person_id,
            PostRow.valid_to.is_(None) | (PostRow.valid_to > now),
            ~func.coalesce(within_reach(viewer), false()),  # beyond is what is not surely within
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def lock(self, username: str) -> None:
        """Wait until no other sign-in to this username, existing or not, is under way."""
        lock(self._tx, f"sign-in {self._county_id} {username}")

    def failures(self, username: str) -> list[datetime]:
        """When recent sign-ins to the username failed."""
        rows = self._connection.execute(
            select(SignInFailureRow.failed_at).where(*self._of(username))
        )
        return list(rows.scalars())

    def add_failure(self, username: str, now: datetime) -> None:
        """Record a failed sign-in, and forget those that can no longer lock anything."""
        self._sign_in_failure_table.delete(SignInFailureRow.failed_at < now - FAILURES_KEPT)
        failure = {"username_key": username, "failed_at": now}
        self._sign_in_failure_table.insert_new([failure])

    def clear_failures(self, username: str) -> None:
        """Forget the failed sign-ins to the username."""
        self._sign_in_failure_table.delete(*self._of(username))

    def _set(self, account_id: UUID, **values: Any) -> None:
        self._account_table.update(values, AccountRow.account_id == account_id)

    def _code_of(self, account_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return (
            self._one_time_code_table.own,
            OneTimeCodeRow.account_id == account_id,
        )

    def _of(self, username: str) -> tuple[ColumnElement[bool], ...]:
        return (
            self._sign_in_failure_table.own,
            SignInFailureRow.username_key == username,
        )

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(self._account_table.select().where(condition)).first()
        return None if row is None else _account(row)


class SessionStore:
    """One county's sessions and their refresh tokens."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._refresh_token_table = ScopedTable(tx, RefreshTokenRow)
        self._session_table = ScopedTable(tx, SessionRow)

    def add(self, session: Session) -> None:
        """Record a session, and forget the account's sessions that no token can renew."""
        living = exists().where(
            same_county(RefreshTokenRow, SessionRow, "session_id"),
            RefreshTokenRow.expires_at > session.started_at,
        )
        self._session_table.delete(SessionRow.account_id == session.account_id, ~living)
        values = {name: getattr(session, name) for name in Session.__slots__}
        self._session_table.insert(values)

    def locked(self, token_hash: bytes) -> tuple[RefreshToken, Session] | None:
        """The token with its session, held until the transaction ends; None where unknown."""
        session_id = self._connection.execute(
            select(RefreshTokenRow.session_id).where(*self._token(token_hash))
        ).scalar()
        session = self._connection.execute(
            self._session_table.select()
            .where(SessionRow.session_id == session_id)
            .with_for_update()
        ).first()
        # Read only now: another transaction that held the session may have spent the token.
        token = self._connection.execute(
            select(RefreshTokenRow.__table__).where(*self._token(token_hash))
        ).first()
        if session is None or token is None:
            return None
        return _token(token), _session(session)

    def add_token(self, token: RefreshToken) -> None:
        """Record a refresh token."""
        values = {name: getattr(token, name) for name in RefreshToken.__slots__}
        self._refresh_token_table.insert(values)

    def spend(self, token: RefreshToken, now: datetime) -> None:
        """Mark the token spent, and forget the session's spent tokens that have expired."""
        self._refresh_token_table.delete(
            RefreshTokenRow.session_id == token.session_id, RefreshTokenRow.expires_at <= now
        )
        self._refresh_token_table.update({"spent_at": now}, *self._token(token.token_hash))

    def end(self, session_id: UUID, now: datetime) -> None:
        """End the session: no token renews it any more."""
        self._end(SessionRow.session_id == session_id, now)

    def end_all(self, account_id: UUID, now: datetime) -> None:
        """End every session of the account."""
        self._end(SessionRow.account_id == account_id, now)

    def end_others(self, account_id: UUID, kept: UUID | None, now: datetime) -> None:
        """End every session of the account but one."""
        others = SessionRow.session_id.is_distinct_from(kept)
        self._end((SessionRow.account_id == account_id) & others, now)

    def end_own(self, session_id: UUID, account_id: UUID, now: datetime) -> bool:
        """End a session of the account; False where it has none of this id."""
        own = (SessionRow.session_id == session_id) & (SessionRow.account_id == account_id)
        self._end(own, now)
        known = select(SessionRow.session_id).where(self._session_table.own, own)
        return self._connection.execute(known).first() is not None

    def living(self, account_id: UUID, now: datetime, asked: PageRequest) -> Page[SessionEntry]:
        """The account's sessions that can be renewed, the oldest first."""
        query = (
            self._session_table.select(
                SessionRow.session_id,
                SessionRow.started_at,
                func.max(RefreshTokenRow.expires_at).label("expires_at"),
            )
            .join(
                RefreshTokenRow,
                same_county(RefreshTokenRow, SessionRow, "session_id"),
            )
            .where(
                SessionRow.account_id == account_id,
                SessionRow.ended_at.is_(None),
                RefreshTokenRow.spent_at.is_(None),
                RefreshTokenRow.expires_at > now,
            )
            .group_by(SessionRow.session_id, SessionRow.started_at)
        )
        page = self._session_table.page(query, OLDEST, asked)
        return page.map(lambda row: SessionEntry(*tuple(row)))

    def _end(self, which: ColumnElement[bool], now: datetime) -> None:
        living = SessionRow.ended_at.is_(None)
        self._session_table.update({"ended_at": now}, which, living)

    def _token(self, token_hash: bytes) -> tuple[ColumnElement[bool], ...]:
        return (
            self._refresh_token_table.own,
            RefreshTokenRow.token_hash == token_hash,
        )


def _account(row: Row[Any]) -> Account:
    return Account(
        account_id=row.account_id,
        person_id=row.person_id,
        username=row.username,
        password_hash=row.password_hash,
        roles=frozenset(row.roles),
        created_at=row.created_at,
        must_change=row.must_change,
        disabled_at=row.disabled_at,
    )


def _session(row: Row[Any]) -> Session:
    return Session(row.session_id, row.account_id, row.started_at, row.ended_at)


def _token(row: Row[Any]) -> RefreshToken:
    return RefreshToken(row.token_hash, row.session_id, row.expires_at, row.spent_at)
