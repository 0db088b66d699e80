"""Looking after other people's accounts: inviting, resetting, unlocking, disabling."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.personnel.absences.usecases import stands_in_for
from services.personnel.accounts.domain import accounts, invitations
from services.personnel.accounts.domain.accounts import Account, AccountEntry
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from services.personnel.posts.domain.posts import Viewer
from services.personnel.posts.usecases.permissions import STAFF, require_person, require_staff
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, PermissionDenied, Violation


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation: the username, the code, and the id of the account if it is new."""

    account_id: UUID
    username: str
    code: str


def invite(
    tx: Transaction,
    person_id: UUID,
    new: Invitation,
    now: datetime,
) -> AccountEntry:
    """Let a person without password choose one with the code; an earlier code no longer works.

    Raises PersonNotFound, PermissionDenied, InvalidArgument, UsernameTaken, AccountInUse.
    """
    require_person(tx, person_id)
    require_looking_after(tx, person_id, now)
    if not accounts.is_username(new.username):
        raise InvalidArgument([Violation("/username", accounts.BAD_USERNAME)])
    key = accounts.username_key(new.username)
    tx.store(AccountStore).lock(key)
    holder = tx.store(AccountStore).find(key)
    if holder is not None and holder.person_id != person_id:
        raise accounts.UsernameTaken(username=new.username)
    account = tx.store(AccountStore).of_person(person_id)
    if account is None:
        account = Account(new.account_id, person_id, new.username, None, frozenset(), now)
        tx.store(AccountStore).add(account)
    elif account.password_hash is not None:
        raise accounts.AccountInUse
    elif account.username != new.username:
        tx.store(AccountStore).rename(account.account_id, new.username)
        account = replace(account, username=new.username)
    return _with_code(tx, account, new.code, Act("account.invited", person_id), now)


def reset_password(
    tx: Transaction, person_id: UUID, code: str, reason: str, now: datetime
) -> AccountEntry:
    """Take the password away, end the sessions, and let the person choose another with the code.

    Raises PersonNotFound, PermissionDenied, AccountNotFound.
    """
    account = held_account(tx, person_id, now)
    tx.store(AccountStore).forget_password(account.account_id)
    tx.store(AccountStore).clear_failures(accounts.username_key(account.username))
    tx.store(SessionStore).end_all(account.account_id, now)
    account = replace(account, password_hash=None, must_change=False)
    act = Act("account.password_reset", person_id, reason or None)
    return _with_code(tx, account, code, act, now)


def unlock(tx: Transaction, person_id: UUID, reason: str, now: datetime) -> AccountEntry:
    """Forget the failed sign-ins to the account's username.

    Raises PersonNotFound, PermissionDenied, AccountNotFound.
    """
    account = held_account(tx, person_id, now)
    tx.store(AccountStore).clear_failures(accounts.username_key(account.username))
    tx.store(AuditStore).add(Act("account.unlocked", person_id, reason or None), now)
    return entry_of(tx, account)


def disable(tx: Transaction, person_id: UUID, reason: str, now: datetime) -> AccountEntry:
    """Disable the account and end its sessions; one that is disabled stays as it is.

    Raises PersonNotFound, PermissionDenied, AccountNotFound, NotOwnAccount.
    """
    account = held_account(tx, person_id, now)
    if person_id == tx.context.actor_id:
        raise accounts.NotOwnAccount
    if account.disabled_at is None:
        tx.store(AccountStore).disable(account.account_id, now)
        tx.store(SessionStore).end_all(account.account_id, now)
        tx.store(AuditStore).add(Act("account.disabled", person_id, reason or None), now)
        account = replace(account, disabled_at=now)
    return entry_of(tx, account)


def enable(tx: Transaction, person_id: UUID, reason: str, now: datetime) -> AccountEntry:
    """Enable the account. Raises PersonNotFound, PermissionDenied, AccountNotFound."""
    account = held_account(tx, person_id, now)
    if account.disabled_at is not None:
        tx.store(AccountStore).disable(account.account_id, None)
        tx.store(AuditStore).add(Act("account.enabled", person_id, reason or None), now)
        account = replace(account, disabled_at=None)
    return entry_of(tx, account)


def get_account(tx: Transaction, person_id: UUID) -> AccountEntry:
    """The account of a person within reach.

    Raises PersonNotFound, PermissionDenied, AccountNotFound.
    """
    require_person(tx, person_id)
    account = tx.store(AccountStore).of_person(person_id)
    if account is None:
        raise accounts.AccountNotFound(person_id=person_id)
    return entry_of(tx, account)


def require_looking_after(tx: Transaction, person_id: UUID, now: datetime) -> None:
    """Raise PermissionDenied where the person acts in a post beyond the caller's staff capability.

    A caller who can open an account could act with all its posts, so a part of them is not enough.
    """
    if tx.store(AccountStore).reaches_beyond(person_id, Viewer.of(tx.context, STAFF), now):
        raise PermissionDenied(capability=STAFF)
    for post in stands_in_for(tx, person_id, now):
        require_staff(tx, post.place)


def held_account(tx: Transaction, person_id: UUID, now: datetime) -> Account:
    """The person's account, locked against sign-ins and changes.

    Raises PersonNotFound, PermissionDenied, AccountNotFound.
    """
    require_person(tx, person_id)
    require_looking_after(tx, person_id, now)
    account = tx.store(AccountStore).of_person(person_id)
    if account is None:
        raise accounts.AccountNotFound(person_id=person_id)
    tx.store(AccountStore).lock(accounts.username_key(account.username))
    return tx.store(AccountStore).get(account.account_id)


def _with_code(
    tx: Transaction, account: Account, code: str, act: Act, now: datetime
) -> AccountEntry:
    tx.store(AccountStore).put_code(invitations.issued(account.account_id, code, now))
    tx.store(AuditStore).add(act, now)
    return entry_of(tx, account)


def entry_of(tx: Transaction, account: Account) -> AccountEntry:
    """The account as administrators read it."""
    code = tx.store(AccountStore).code(account.account_id)
    failures = tx.store(AccountStore).failures(accounts.username_key(account.username))
    return AccountEntry(
        account=account,
        locked_until=accounts.locked_until(failures),
        code_expires_at=None if code is None else code.expires_at,
        identities=tuple(tx.store(AccountStore).identities_of(account.account_id)),
    )
