"""Accounts as messages."""

from services.personnel.accounts.domain.accounts import Account, AccountEntry
from wangge.personnel.v1 import accounts_pb2


def account_message(county_id: str, entry: AccountEntry) -> accounts_pb2.Account:
    """An account, as those read it who look after it."""
    account = entry.account
    return accounts_pb2.Account(
        county_id=county_id,
        person_id=str(account.person_id),
        username=account.username,
        state=_state(account),
        must_change_password=account.must_change,
        locked_until=entry.locked_until,
        code_expire_time=entry.code_expires_at,
        identities=[
            accounts_pb2.LinkedIdentity(
                issuer=each.identity.issuer,
                subject=each.identity.subject,
                link_time=each.linked_at,
            )
            for each in entry.identities
        ],
    )


def _state(account: Account) -> accounts_pb2.AccountState:
    if account.disabled_at is not None:
        return accounts_pb2.ACCOUNT_STATE_DISABLED
    if account.password_hash is None:
        return accounts_pb2.ACCOUNT_STATE_INVITED
    return accounts_pb2.ACCOUNT_STATE_ACTIVE
