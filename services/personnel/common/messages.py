"""Requests as they are kept under their idempotency key, without what could be guessed from a quick hash."""

from typing import Any, TypeVar

from google.protobuf.message import Message

from shared.db.transaction import Transaction

SECRETS = ("password", "old_password", "new_password", "code", "id_token", "nonce")

Request = TypeVar("Request", bound=Message)


def without_secrets(request: Request) -> Request:
    """The request without its secrets."""
    kept = type(request)()
    kept.CopyFrom(request)
    for name in SECRETS:
        if name in request.DESCRIPTOR.fields_by_name:
            kept.ClearField(name)
    return kept


def was_answered(tx: Transaction, request: Message) -> bool:
    """Whether a request of this kind was carried out under this one's key."""
    message: Any = request
    method = type(request).__name__.removesuffix("Request")
    return bool(message.request_id) and tx.idempotency.find(method, message.request_id) is not None
