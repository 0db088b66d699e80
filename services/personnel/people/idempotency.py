"""Requests about people as they are kept under their idempotency key.

Phones and identity numbers are few enough to try them all against a quick hash, so their blind
index takes their place: the same content stays the same.
"""

import hashlib
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.personnel.common.idempotency import without_secrets
from services.personnel.people.domain.personal_data import SealedField
from services.personnel.people.vault import Vault

Request = TypeVar("Request", bound=Message)


def without_personal_data(request: Request, vault: Vault) -> Request:
    """The request without its secrets, and with blind indexes in the place of personal data."""
    message: Any = without_secrets(request)
    for field in SealedField:
        if field in request.DESCRIPTOR.fields_by_name and (value := getattr(message, field)):
            setattr(message, field, vault.index(message.county_id, field, value).hex())
    kept: Request = message
    return kept


def without_rows(request: Request, vault: Vault) -> Request:
    """A request whose rows are a file of people, with one blind index in the place of all rows."""
    kept = type(request)()
    kept.CopyFrom(request)
    message: Any = kept
    content = b"".join(row.SerializeToString(deterministic=True) for row in message.rows)
    digest = hashlib.sha256(content).hexdigest()
    message.ClearField("rows")
    message.rows.add(cells={"": vault.index(message.county_id, "rows", digest).hex()})
    return kept
