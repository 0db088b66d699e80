"""One request, one effect: the same key and content gives the same answer, whenever it comes."""

import hashlib
from collections.abc import Callable, Collection
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.exc import IntegrityError

from shared.db.transaction import TX, UnitOfWork
from shared.errors import IdempotencyKeyReused
from shared.rpc import call

Response = TypeVar("Response", bound=Message)
PRIMARY_KEY = "pk_idempotency_keys"
RACES_LOST = 5
"""How often a request lets another go first before its error is told."""


def once(
    unit_of_work: UnitOfWork[TX],
    request: Message,
    response_type: type[Response],
    act: Callable[[TX], Response],
    races: Collection[str] = (),
) -> Response:
    """Run ``act`` in one transaction, at most once for the request's ``request_id``.

    The answer is kept in the same transaction, so it exists exactly when the effect does. Without
    a request id the request simply runs. ``races`` names unique constraints whose violation means
    that another request was first: the transaction is tried again and sees what that one did.
    Raises IdempotencyKeyReused when the key came with another content.
    """
    for _ in range(RACES_LOST):
        try:
            return _attempt(unit_of_work, request, response_type, act)
        except IntegrityError as error:
            # The same request beside this one has won: its answer is there now.
            if _constraint(error) not in {PRIMARY_KEY, *races}:
                raise
    return _attempt(unit_of_work, request, response_type, act)


def _attempt(
    unit_of_work: UnitOfWork[TX],
    request: Message,
    response_type: type[Response],
    act: Callable[[TX], Response],
) -> Response:
    context = call.current()
    method = type(request).__name__.removesuffix("Request")
    key: str = getattr(request, "request_id", "")
    with unit_of_work(context) as tx:
        if not key:
            return act(tx)
        request_hash = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        if kept := tx.idempotency.find(method, key):
            if kept[0] != request_hash:
                raise IdempotencyKeyReused
            return response_type.FromString(kept[1])
        response = act(tx)
        tx.idempotency.keep(method, key, request_hash, response.SerializeToString())
        return response


def _constraint(error: IntegrityError) -> str | None:
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)
