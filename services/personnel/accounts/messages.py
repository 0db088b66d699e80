"""Accounts as messages."""

from services.personnel.accounts.domain.accounts import (
    Account,
    AccountEntry,
    LinkedIdentity,
    SessionEntry,
)
from shared.rpc import call
from shared.rpc.messages import writer
from wangge.personnel.v1 import accounts_pb2, auth_service_pb2


def _state(account: Account) -> accounts_pb2.AccountState:
    if account.disabled_at is not None:
        return accounts_pb2.ACCOUNT_STATE_DISABLED
    if account.password_hash is None:
        return accounts_pb2.ACCOUNT_STATE_INVITED
    return accounts_pb2.ACCOUNT_STATE_ACTIVE


write_identity = writer(
    accounts_pb2.LinkedIdentity,
    LinkedIdentity,
    parts=("identity",),
    names={"link_time": "linked_at"},
)
write_account = writer(
    accounts_pb2.Account,
    AccountEntry,
    parts=("account",),
    names={"must_change_password": "account.must_change", "code_expire_time": "code_expires_at"},
    made={"state": lambda entry: _state(entry.account)},
    nested={"identities": write_identity},
)
write_session = writer(
    auth_service_pb2.Session,
    SessionEntry,
    names={"start_time": "started_at", "expire_time": "expires_at"},
    made={"current": lambda entry: entry.session_id == call.current().session_id},
)
