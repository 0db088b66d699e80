"""Signing in with an outside issuer, and linking its identities with accounts."""

from datetime import datetime
from uuid import UUID

from services.personnel.accounts.domain import accounts
from services.personnel.accounts.domain.accounts import (
    Account,
    AccountEntry,
    Identity,
    LinkedIdentity,
)
from services.personnel.accounts.store import AccountStore, SessionStore
from services.personnel.accounts.usecases.administration import entry_of, held_account
from services.personnel.accounts.usecases.own_account import own_account
from services.personnel.accounts.usecases.signing_in import Grant, NewSecrets, open_session
from services.personnel.audit.domain import Act
from services.personnel.audit.store import AuditStore
from services.personnel.identity.domain import (
    IdentityLinkedAlready,
    IdentityNotLinked,
    IdToken,
    IdTokenRefused,
    is_fresh,
)
from services.personnel.identity.store import IdentityStore
from services.personnel.posts.usecases.permissions import STAFF
from shared.db.transaction import Transaction
from shared.errors import DomainError, PermissionDenied


def use_once(tx: Transaction, token: IdToken, now: datetime) -> None:
    """Take a verified token, which nobody can use again. Raises IdTokenRefused.

    The transaction is the city's, whatever the county, so that a copy opens no other county either.
    """
    if not tx.store(IdentityStore).use(token, now):
        raise IdTokenRefused


def exchange(
    tx: Transaction, identity: Identity, new: NewSecrets, now: datetime
) -> Grant | DomainError:
    """Open a session for the account that the identity is linked with, or return the refusal."""
    if not accounts.is_county(tx.context.county_id):
        return IdentityNotLinked()
    account_id = tx.store(IdentityStore).account_of(identity)
    if account_id is None:
        return IdentityNotLinked()
    return open_session(tx, tx.store(AccountStore).get(account_id), new, now)


def link(tx: Transaction, person_id: UUID, identity: Identity, now: datetime) -> AccountEntry:
    """Link an identity, by its subject, with the account of a person whom the caller may staff.

    Raises PersonNotFound, PermissionDenied, AccountNotFound, IdentityLinkedAlready.
    """
    if not tx.context.capabilities.get(STAFF):
        raise PermissionDenied(capability=STAFF)
    return _linked(tx, held_account(tx, person_id, now), identity, now)


def link_own(tx: Transaction, person_id: UUID, token: IdToken, now: datetime) -> AccountEntry:
    """Link an identity, proved by a token issued just now, with the caller's own account.

    Raises PermissionDenied, IdTokenRefused, Unauthenticated, AccountDisabled, IdentityLinkedAlready.
    """
    if person_id != tx.context.actor_id:
        raise PermissionDenied(capability=STAFF)
    if not is_fresh(token, now):
        raise IdTokenRefused
    return _linked(tx, own_account(tx), token.identity, now)


def unlink(tx: Transaction, person_id: UUID, issuer: str, now: datetime) -> AccountEntry:
    """Unlink the account from the issuer: the caller's own, or of a person whom the caller may staff.

    The account's sessions end. Raises PersonNotFound, PermissionDenied, AccountNotFound, and for
    the caller's own Unauthenticated, AccountDisabled.
    """
    if person_id == tx.context.actor_id:
        account = own_account(tx)
    elif tx.context.capabilities.get(STAFF):
        account = held_account(tx, person_id, now)
    else:
        raise PermissionDenied(capability=STAFF)
    if tx.store(IdentityStore).remove(account.account_id, issuer):
        tx.store(SessionStore).end_all(account.account_id, now)
        tx.store(AuditStore).add(
            Act("identity.unlinked", person_id, details={"issuer": issuer}), now
        )
    return entry_of(tx, account)


def _linked(tx: Transaction, account: Account, identity: Identity, now: datetime) -> AccountEntry:
    opens = tx.store(IdentityStore).account_of(identity)
    if opens == account.account_id:
        return entry_of(tx, account)
    issuers = {
        each.identity.issuer for each in tx.store(AccountStore).identities_of(account.account_id)
    }
    if opens is not None or identity.issuer in issuers:
        raise IdentityLinkedAlready
    tx.store(IdentityStore).add(LinkedIdentity(identity, account.account_id, now))
    details = {"issuer": identity.issuer}
    tx.store(AuditStore).add(Act("identity.linked", account.person_id, details=details), now)
    return entry_of(tx, account)
