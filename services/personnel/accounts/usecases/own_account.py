"""What people do with their own accounts: first password, another password, sessions.

A refusal is returned rather than raised where the transaction must commit all the same, for a
wrong code or password counts as a failed sign-in does.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.personnel.accounts.domain import accounts, invitations
from services.personnel.accounts.domain.accounts import Account, SessionEntry
from services.personnel.accounts.passwords import PasswordHasher
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from shared.db.transaction import Transaction
from shared.errors import DomainError, InvalidArgument, Unauthenticated, Violation
from shared.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A request to choose a password with a one-time code."""

    username: str
    code: str
    password: str


def accept_invitation(
    tx: Transaction,
    hasher: PasswordHasher,
    given: Acceptance,
    now: datetime,
) -> Account | DomainError:
    """Choose a password with a one-time code, which is spent by it; or return the refusal.

    Usernames that do not exist are locked and refused like those that do. Raises InvalidArgument
    for a password that accounts must not have, whatever the code.
    """
    if faults := accounts.password_faults(given.username, given.password):
        raise InvalidArgument(faults)
    county_id = tx.context.county_id
    if not (accounts.is_county(county_id) and accounts.is_username(given.username)):
        return invitations.InvitationRefused()
    if not tx.store(AccountStore).any():
        return invitations.InvitationRefused()
    key = accounts.username_key(given.username)
    if locked := _locked(tx, key, now):
        return locked
    account = tx.store(AccountStore).find(key)
    kept = None if account is None else tx.store(AccountStore).code(account.account_id)
    if account is None or kept is None or not kept.opens(given.code, now):
        tx.store(AccountStore).add_failure(key, now)
        return invitations.InvitationRefused()
    tx.store(AccountStore).remove_code(account.account_id)
    tx.store(AccountStore).choose_password(account.account_id, hasher.hash(given.password))
    tx.store(AccountStore).clear_failures(key)
    tx.store(SessionStore).end_all(account.account_id, now)
    tx.store(AuditStore).add(Act("account.invitation_accepted", account.person_id), now)
    return account


def check_old_password(
    tx: Transaction, hasher: PasswordHasher, password: str, now: datetime
) -> Account | DomainError:
    """The caller's account where the password is its present one; otherwise the refusal."""
    account = own_account(tx)
    key = accounts.username_key(account.username)
    if locked := _locked(tx, key, now):
        return locked
    # Read again, as the transaction that held the lock before has left it.
    account = tx.store(AccountStore).get(account.account_id)
    plain = password if len(password) <= accounts.LONGEST_SENT else ""
    if not hasher.matches(account.password_hash, plain):
        tx.store(AccountStore).add_failure(key, now)
        return accounts.OldPasswordWrong()
    tx.store(AccountStore).clear_failures(key)
    return account


def change_password(
    tx: Transaction,
    hasher: PasswordHasher,
    checked: Account,
    password: str,
    now: datetime,
) -> None:
    """Choose another password and end all other sessions.

    ``checked`` is the account as it was when its old password was found right. Raises
    InvalidArgument, Unauthenticated, AccountDisabled, and OldPasswordWrong where somebody else has
    changed it since.
    """
    faults = accounts.password_faults(checked.username, password, "/new_password")
    if not faults and hasher.matches(checked.password_hash, password):
        faults = [Violation("/new_password", accounts.PASSWORD_UNCHANGED)]
    if faults:
        raise InvalidArgument(faults)
    tx.store(AccountStore).lock(accounts.username_key(checked.username))
    if own_account(tx).password_hash != checked.password_hash:
        raise accounts.OldPasswordWrong
    tx.store(AccountStore).choose_password(checked.account_id, hasher.hash(password))
    tx.store(AccountStore).remove_code(checked.account_id)
    tx.store(SessionStore).end_others(checked.account_id, tx.context.session_id, now)
    tx.store(AuditStore).add(Act("account.password_changed", checked.person_id), now)


def sign_out(tx: Transaction, now: datetime) -> None:
    """End the session that the caller acts in.

    Raises SessionOver where the token names none, and what ``end_session`` raises.
    """
    if tx.context.session_id is None:
        raise accounts.SessionOver
    _end(tx, tx.context.session_id, "session.signed_out", now)


def end_session(tx: Transaction, session_id: UUID, now: datetime) -> None:
    """End one of the caller's sessions. Raises Unauthenticated, AccountDisabled, SessionNotFound."""
    _end(tx, session_id, "session.ended", now)


def list_sessions(tx: Transaction, asked: PageRequest, now: datetime) -> Page[SessionEntry]:
    """The caller's sessions that can be renewed, the oldest first."""
    return tx.store(SessionStore).living(own_account(tx).account_id, now, asked)


def own_account(tx: Transaction) -> Account:
    """The account that the caller acts with. Raises Unauthenticated, AccountDisabled."""
    person_id = tx.context.actor_id
    account = None if person_id is None else tx.store(AccountStore).of_person(person_id)
    if account is None or account.account_id != tx.context.account_id:
        raise Unauthenticated
    if account.disabled_at is not None:
        raise accounts.AccountDisabled
    return account


def _end(tx: Transaction, session_id: UUID, action: str, now: datetime) -> None:
    account = own_account(tx)
    if not tx.store(SessionStore).end_own(session_id, account.account_id, now):
        raise accounts.SessionNotFound(session_id=session_id)
    tx.store(AuditStore).add(Act(action, account.person_id), now)


def _locked(tx: Transaction, key: str, now: datetime) -> accounts.AccountLocked | None:
    """Lock the username for this transaction; the answer is the refusal while sign-ins are locked."""
    tx.store(AccountStore).lock(key)
    until = accounts.locked_until(tx.store(AccountStore).failures(key))
    if until is None or until <= now:
        return None
    return accounts.AccountLocked(retry_after=accounts.seconds_until(until, now))
