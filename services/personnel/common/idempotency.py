"""Requests as they are remembered under their idempotency key: by a quick hash of what stands here."""

import hashlib
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.personnel.people.domain.personal_data import SealedField
from services.personnel.ports import Vault
from shared.db.transaction import Transaction

SECRETS = ("password", "old_password", "new_password", "code", "id_token", "nonce")

Request = TypeVar("Request", bound=Message)


def remembered(request: Request, vault: Vault) -> Request:
    """The request without its secrets, which a quick hash would give away.

    Phone and identity number, of which there are few enough to try them all, are replaced by
    their blind index: the same content stays the same.
    """
    kept = type(request)()
    kept.CopyFrom(request)
    message: Any = kept
    names = request.DESCRIPTOR.fields_by_name
    for name in SECRETS:
        if name in names:
            message.ClearField(name)
    for field in SealedField:
        if field in names and (value := getattr(message, field)):
            setattr(message, field, vault.index(message.county_id, field, value).hex())
    return kept


def remembered_rows(request: Request, vault: Vault) -> Request:
    """A request whose rows are a file of people, with what its rows have in common with equal ones."""
    kept = type(request)()
    kept.CopyFrom(request)
    message: Any = kept
    content = b"".join(row.SerializeToString(deterministic=True) for row in message.rows)
    digest = hashlib.sha256(content).hexdigest()
    message.ClearField("rows")
    message.rows.add(cells={"": vault.index(message.county_id, "rows", digest).hex()})
    return kept


def was_answered(tx: Transaction, request: Message) -> bool:
    """Whether a request of this kind was carried out under this one's key."""
    message: Any = request
    method = type(request).__name__.removesuffix("Request")
    return bool(message.request_id) and tx.idempotency.find(method, message.request_id) is not None
