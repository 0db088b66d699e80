"""Signing in and staying signed in.

A refusal is returned rather than raised where the transaction must commit all the same: a failed
sign-in counts, and a refresh token presented twice ends its session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.personnel.absences.usecases import stands_in_for
from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import Account, RefreshToken, Session
from services.personnel.accounts.domain.password_policy import is_long_enough
from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.common.usecases import scheme_in_force
from services.personnel.posts.domain.posts import entitlements
from services.personnel.posts.store.posts import PostStore
from shared.context import CITY
from shared.db.transaction import Transaction
from shared.errors import DomainError
from shared.tokens import LIFETIME


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person may do from now on, until ``expires_at`` at the latest.

    A person who ``must_change`` the password may do nothing else.
    """

    person_id: UUID
    account_id: UUID
    roles: frozenset[str]
    capabilities: Mapping[str, tuple[str, ...]]
    expires_at: datetime
    session_id: UUID
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """Username and password, as they were given."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class NewSecrets:
    """Made by the caller for a session: its id, and the random refresh token to come."""

    session_id: UUID
    refresh_token: str


def sign_in(
    tx: Transaction,
    hasher: PasswordHasher,
    given: Credentials,
    new: NewSecrets,
    now: datetime,
) -> Grant | DomainError:
    """Open a session, or return the refusal.

    Usernames that do not exist are locked, refused and timed like those that do.
    """
    if not _might_exist(tx, given):
        hasher.matches(None, given.password)
        return accounts.SignInRefused()
    username = accounts.username_key(given.username)
    tx.store(AccountStore).lock(username)
    locked_until = accounts.locked_until(tx.store(AccountStore).failures(username))
    if locked_until is not None and now < locked_until:
        return accounts.AccountLocked(retry_after=accounts.seconds_until(locked_until, now))
    account = tx.store(AccountStore).find(username)
    password_hash = None if account is None else account.password_hash
    if not hasher.matches(password_hash, given.password) or account is None:
        tx.store(AccountStore).add_failure(username, now)
        return accounts.SignInRefused()
    tx.store(AccountStore).clear_failures(username)
    if password_hash is not None and hasher.is_outdated(password_hash):
        tx.store(AccountStore).keep_hash(account.account_id, hasher.hash(given.password))
    return open_session(tx, account, new, now)


def refresh(tx: Transaction, presented: str, new_token: str, now: datetime) -> Grant | DomainError:
    """Exchange a refresh token for another, with what the posts allow now; or return the refusal.

    A spent token was seen by two, so its session ends. So does one whose holder has no post left.
    """
    found = tx.store(SessionStore).locked(accounts.hash_of(presented))
    if found is None:
        return accounts.SessionOver()
    token, session = found
    if not token.renews(session, now):
        tx.store(SessionStore).end(session.session_id, now)
        return accounts.SessionOver()
    account = tx.store(AccountStore).get(session.account_id)
    grant = grant_of(tx, account, session.session_id, now)
    if grant is None or account.disabled_at is not None:
        tx.store(SessionStore).end(session.session_id, now)
        return accounts.SessionOver()
    tx.store(SessionStore).spend(token, now)
    _issue(tx, session.session_id, new_token, now)
    return grant


def grant_of(tx: Transaction, account: Account, session_id: UUID, now: datetime) -> Grant | None:
    """What the account's holder may do now; None when that is nothing.

    The grant ends early where one of the posts does, or an absence that the holder stands in for.
    """
    if account.must_change:
        return _password_change(account, session_id, now)
    held = tx.store(PostStore).in_force(account.person_id, now)
    posts = [*held, *stands_in_for(tx, account.person_id, now)]
    if not posts and not account.roles:
        return None
    scheme = None if tx.context.county_id == CITY else scheme_in_force(tx, now)
    ends = [post.valid.end for post in posts if post.valid.end is not None]
    return Grant(
        person_id=account.person_id,
        account_id=account.account_id,
        roles=account.roles,
        capabilities=entitlements(posts, scheme),
        expires_at=min([now + LIFETIME, *ends]),
        session_id=session_id,
    )


def _password_change(account: Account, session_id: UUID, now: datetime) -> Grant:
    return Grant(
        person_id=account.person_id,
        account_id=account.account_id,
        roles=frozenset(),
        capabilities={},
        expires_at=now + LIFETIME,
        session_id=session_id,
        must_change=True,
    )


def _might_exist(tx: Transaction, given: Credentials) -> bool:
    """Whether an account could have these; others leave no trace in the database."""
    return (
        accounts.is_county(tx.context.county_id)
        and accounts.is_username(given.username)
        and len(given.password) <= accounts.LONGEST_SENT
        and is_long_enough(given.password)
        and tx.store(AccountStore).any()
    )


def open_session(
    tx: Transaction, account: Account, new: NewSecrets, now: datetime
) -> Grant | DomainError:
    """Open a session of an account whose holder was recognised, or return the refusal."""
    if account.disabled_at is not None:
        return accounts.AccountDisabled()
    grant = grant_of(tx, account, new.session_id, now)
    if grant is None:
        return accounts.NoPostInForce()
    tx.store(SessionStore).add(Session(new.session_id, account.account_id, now, None))
    _issue(tx, new.session_id, new.refresh_token, now)
    return grant


def _issue(tx: Transaction, session_id: UUID, token: str, now: datetime) -> None:
    expires_at = now + accounts.REFRESH_LIFETIME
    tx.store(SessionStore).add_token(
        RefreshToken(accounts.hash_of(token), session_id, expires_at, None)
    )
